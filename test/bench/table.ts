import type { BenchCase, Sample } from './case.js';

export const TITLE = `| work | against | ours | theirs | ratio (min, max) | target |\n| --- | --- | --- | --- | --- | --- |`;

export function row(one: BenchCase, samples: readonly Sample[]): string {
  const ratio = spread(samples.map(({ ours, baseline }) => ours / baseline));
  const ours = spread(samples.map((sample) => sample.ours)).median;
  const theirs = spread(samples.map(({ baseline }) => baseline)).median;
  const target = 'atMost' in one.target ? `≤ ${one.target.atMost}` : `≥ ${one.target.atLeast}`;
  return `| ${[
    one.name,
    one.baseline,
    `${figure(ours)} ${one.unit}`,
    `${figure(theirs)} ${one.unit}`,
    `**${figure(ratio.median)}** (${figure(ratio.min)}, ${figure(ratio.max)})`,
    target,
  ].join(' | ')} |`;
}

function spread(values: readonly number[]): { min: number; median: number; max: number } {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}

/** Three digits that count. */
function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
