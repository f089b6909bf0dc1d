import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { CanonicalEvent } from '@lib/events';
import { Recent } from './recent.js';
import { RenderedEntry } from './rendered-entry.js';

const MEGABYTE = 1_048_576;

const entry = (seq: number, size: number): RenderedEntry =>
  new RenderedEntry({ position: { epoch: 'epoch1', seq }, size, event: {} as CanonicalEvent });

function filled(count: number, size: number): Recent {
  const recent = new Recent();
  for (let seq = 1; seq <= count; seq++) recent.add(entry(seq, size));
  return recent;
}

const seqs = (recent: Recent, after: number): number[] | undefined => recent.since(after)?.map(({ seq }) => seq);

describe('Recent', () => {
  it('gives everything after a place, and nothing where it does not reach back that far', () => {
    const recent = filled(20_000, 10);
    expect(seqs(recent, 19_997)).toEqual([19_998, 19_999, 20_000]);
    expect(seqs(recent, 20_000)).toEqual([]);
    expect(recent.since(20_000 - 2_048)).toHaveLength(2_048);
    expect(recent.since(20_000 - 2_049)).toBeUndefined();
  });

  it('holds as many bytes as it may, and an entry that is larger than all of them not at all', () => {
    const recent = filled(100, MEGABYTE);
    expect(recent.since(100 - 32)).toHaveLength(32);
    expect(recent.since(100 - 33)).toBeUndefined();
    recent.add(entry(101, 40 * MEGABYTE));
    expect(recent.since(100)).toBeUndefined();
    recent.add(entry(102, MEGABYTE));
    expect(seqs(recent, 101)).toEqual([102]);
  });

  it('lets go at once of what it does not hold any more', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const recent = new Recent();
    const first = (() => {
      const large = entry(1, MEGABYTE);
      recent.add(large);
      return new WeakRef(large);
    })();
    for (let seq = 2; seq <= 40; seq++) recent.add(entry(seq, MEGABYTE));
    await turn();
    collect();
    expect(first.deref()).toBeUndefined();
    expect(recent.since(39)).toHaveLength(1);
  });
});
