import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { entries, note, positions } from '../../../libs/realtime/src/journal/journal.conformance.js';
import { RedisJournal } from '../../../libs/realtime/src/journal/journal.redis.js';
import type { Position } from '../../../libs/realtime/src/journal/position.js';
import { until } from '../../infra/until.js';
import { readerOf } from './reader.js';
import { place, type Place } from './site.js';

const notes = (name: string, count: number, users = 1) =>
  Array.from({ length: count }, (_, at) => note(at % users, `${name}/${at}`));

describe('a RedisJournal of several nodes', () => {
  let at: Place;
  let nodes: RedisJournal[];
  const node = (options: Partial<ConstructorParameters<typeof RedisJournal>[0]> = {}): RedisJournal => {
    const journal = new RedisJournal({ ...at, ...options });
    nodes.push(journal);
    return journal;
  };
  beforeEach(() => {
    at = place();
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map((journal) => journal.close()));
    await at.dispose();
  });

  it('keeps one order without gaps, each append together, and each event once, whoever appends', async () => {
    const [one, other] = [node(), node()];
    const after = { ...(await one.tail()), seq: 0 };
    const readers = [readerOf(one, after), readerOf(other, after)];
    const appends = Array.from({ length: 100 }, (_, round) => [
      one.append(notes(`one ${round}`, 3)),
      other.append(notes(`other ${round}`, 3)),
      one.append([note(1, `both ${round}`)]),
      other.append([note(1, `both ${round}`)]),
    ]).flat();
    const results = await Promise.all(appends);
    const duplicates = results.flatMap((result) =>
      result.ok ? result.appended.filter(({ duplicate }) => duplicate) : [],
    );
    expect(duplicates).toHaveLength(100);
    for (const result of results) {
      const seqs = positions(result).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    }
    await until('both have everything', () => readers.every(({ ids }) => ids.length >= 700));
    expect(readers[0]?.seqs).toEqual(Array.from({ length: 700 }, (_, index) => index + 1));
    expect(readers[1]?.ids).toEqual(readers[0]?.ids);
    await Promise.all(readers.map((reader) => reader.stop()));
  });

  it('begins as one journal, however many open it at once', async () => {
    const tails = await Promise.all(Array.from({ length: 8 }, () => node().tail()));
    expect(new Set(tails.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('leaves nothing behind of what it trims, but what deduplication needs', async () => {
    const retention = { maxAge: 1e12, maxCount: 10 };
    const [one, other] = [node({ retention }), node({ retention })];
    const given = positions(await one.append(notes('a', 1_000, 50)));
    expect(await at.keys('journal:audience:*')).toHaveLength(50);
    await Promise.all([one.trim(), other.trim()]);
    expect(await at.client.xlen(`{${at.prefix}}:journal`)).toBe(10);
    const index = await at.keys('journal:audience:*');
    expect(index).toHaveLength(10);
    for (const key of index) expect(await at.client.zcard(key)).toBe(1);
    const kept = await other.read({ after: given[989] as Position, limit: 99 });
    expect(entries(kept)).toHaveLength(10);
    await one.trim(Date.now() + 2e12);
    expect(await at.keys('journal:audience:*')).toEqual([]);
    const [duplicate] = positions(await other.append(notes('a', 1, 50)));
    expect(duplicate).toEqual(given[0]);
    for (const key of await at.keys('journal:event:*')) expect(await at.client.pttl(key)).toBeGreaterThan(0);
  });

  it('trims by itself', async () => {
    const journal = node({ retention: { maxAge: 1e12, maxCount: 5 }, trimInterval: 20 });
    await journal.append(notes('a', 500));
    await until('it is trimmed', async () => (await at.client.xlen(`{${at.prefix}}:journal`)) === 5);
  });

  it('never reads with a hole beside trimming', async () => {
    const journal = node({ retention: { maxAge: 1e12, maxCount: 50 } });
    const other = node({ retention: { maxAge: 1e12, maxCount: 50 } });
    const { epoch } = await journal.tail();
    const written = new AbortController();
    const writer = (async () => {
      for (let round = 0; round < 60; round++) {
        await journal.append(notes(`round ${round}`, 20));
        await journal.trim();
      }
      written.abort();
    })();
    let read = 0;
    while (!written.signal.aborted) {
      const tail = await other.tail();
      const after = { epoch, seq: Math.max(0, tail.seq - 60) };
      const audiences = read % 2 ? (['user:0'] as const) : undefined;
      const result = await other.read({ after, limit: 40, ...(audiences && { audiences }) });
      if (!result.ok) {
        expect(result.gap).toBe('trimmed');
        continue;
      }
      read++;
      const seqs = result.entries.map(({ position }) => position.seq);
      expect(seqs).toEqual(seqs.map((_, index) => after.seq + 1 + index));
    }
    await writer;
    expect((await journal.tail()).seq).toBe(1_200);
  });
});
