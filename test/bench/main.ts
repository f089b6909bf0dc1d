import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchCase } from './case.js';
import { broadcasts } from './cases/broadcast.js';
import { idleMemory } from './cases/memory.js';
import { posts, steadyRate } from './cases/posts.js';
import { twoNodes } from './cases/nodes.js';
import { longJournal, stampedes } from './cases/resume.js';
import { row, TITLE } from './table.js';

const CASES: readonly BenchCase[] = [...broadcasts, steadyRate, ...posts, idleMemory, longJournal, stampedes, twoNodes];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string' } } });
const chosen = CASES.filter(({ name, baseline }) =>
  positionals.every((word) => `${name} ${baseline}`.toLowerCase().includes(word.toLowerCase())),
);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

print(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; server and load on cores of their own`,
);
print(TITLE);
const leftOut: string[] = CASES.filter((one) => !chosen.includes(one)).map(({ name }) => `${name}: not asked for`);
for (const one of chosen) {
  const why = one.unavailable?.();
  if (why !== undefined) {
    leftOut.push(`${one.name}: ${why}`);
    continue;
  }
  const samples = [];
  for (let run = 0; run < Number(values.runs ?? one.runs); run++) samples.push(await one.run());
  print(row(one, samples));
}
for (const line of leftOut) print(`left out: ${line}`);
