import { fingerprint, parseEvent, type CanonicalEvent } from '@lib/events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppendResult, Journal, JournalEntry, JournalInput, ReadResult, Retention } from './journal.js';
import type { Position } from './position.js';

/** One place where a journal can live, which outlives each opening of it. */
export interface JournalSite {
  open: (options?: { retention?: Retention; dedupWindow?: number }) => Promise<Journal>;
  /** Trims `journal` as its timer does, at the time `now`. */
  trim: (journal: Journal, now?: number) => Promise<void>;
  /** Destroys the journal, so that the next opening is another life of it. */
  erase: () => Promise<void>;
  /** Removes everything, at the end. */
  dispose: () => Promise<void>;
}

export const note = (userId: number | string, id: string, message = 'm'): JournalInput => {
  const event = parseEvent(
    { type: 'user.notified', id, data: { userId, kind: 'test', title: 't', message } },
    { source: '/test' },
  );
  return { event, fingerprint: fingerprint(event) };
};

const order = (orderId: number, userId: number): JournalInput => {
  const data = { orderId, aliasId: `ORDER-${orderId}`, userId, totalAmount: 1, status: 'PENDING' };
  const event = parseEvent({ type: 'order.created', id: `order-${orderId}`, data }, { source: '/test' });
  return { event, fingerprint: fingerprint(event) };
};

const named = (source: string, id: string): JournalInput => {
  const input = note(1, id);
  return { ...input, event: { ...input.event, source } };
};

export function positions(result: AppendResult): Position[] {
  if (!result.ok) throw new Error(`conflicts: ${result.conflicts.join()}`);
  return result.appended.map(({ position }) => position);
}

export function entries(result: ReadResult): readonly JournalEntry[] {
  if (!result.ok) throw new Error(`gap: ${result.gap}`);
  return result.entries;
}

const ids = (list: readonly JournalEntry[]): string[] => list.map(({ event }) => event.id);
const start = async (journal: Journal): Promise<Position> => ({ ...(await journal.tail()), seq: 0 });
const last = <T>(list: readonly T[]): T => list.at(-1) as T;

/** What every {@link Journal} must do, run against each implementation. */
export function journalConformance(name: string, makeSite: () => Promise<JournalSite>): void {
  describe(`${name} is a journal`, () => {
    let site: JournalSite;
    let opened: Journal[];
    const open = async (options?: Parameters<JournalSite['open']>[0]): Promise<Journal> => {
      const journal = await site.open(options);
      opened.push(journal);
      return journal;
    };

    beforeEach(async () => {
      site = await makeSite();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((journal) => journal.close()));
      await site.dispose();
    });

    it('gives positions in order and without gaps, and reads them back whole', async () => {
      const journal = await open();
      const inputs = [note(1, 'a', 'ünïcödé 💡 \u0000'), note(2, 'b'), note(1, 'c')];
      const given = positions(await journal.append(inputs));
      expect(given.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      const read = entries(await journal.read({ after: await start(journal), limit: 10 }));
      expect(read.map(({ event }) => event)).toEqual(inputs.map(({ event }) => event));
      expect(read.map(({ position }) => position)).toEqual(given);
      expect(await journal.tail()).toEqual(last(given));
    });

    it('takes an empty append', async () => {
      const journal = await open();
      expect(await journal.append([])).toEqual({ ok: true, appended: [] });
      expect((await journal.tail()).seq).toBe(0);
    });

    it('keeps each append together and in its order, however many come at once', async () => {
      const journal = await open();
      const appends = Array.from({ length: 40 }, (_, group) =>
        journal.append(Array.from({ length: 5 }, (_unused, index) => note(group, `${group}/${index}`))),
      );
      const results = await Promise.all(appends);
      const read = ids(entries(await journal.read({ after: await start(journal), limit: 1_000 })));
      expect(read).toHaveLength(200);
      expect(new Set(read).size).toBe(200);
      results.forEach((result, group) => {
        const [first] = positions(result);
        expect(read.slice((first?.seq ?? 0) - 1, (first?.seq ?? 0) + 4)).toEqual(
          [0, 1, 2, 3, 4].map((index) => `${group}/${index}`),
        );
      });
    });

    it('keeps the appends of one caller in the order of its calls, awaited or not', async () => {
      const journal = await open();
      const wanted = Array.from({ length: 300 }, (_, index) => String(index));
      await Promise.all(wanted.map((id) => journal.append([note(1, id)])));
      expect(ids(entries(await journal.read({ after: await start(journal), limit: 1_000 })))).toEqual(wanted);
    });

    it('takes a thousand events at once', async () => {
      const journal = await open();
      const inputs = Array.from({ length: 1_000 }, (_, index) => note(index % 7, String(index)));
      expect(positions(await journal.append(inputs)).map(({ seq }) => seq)).toEqual(
        inputs.map((_, index) => index + 1),
      );
      const read = entries(await journal.read({ after: await start(journal), limit: 2_000 }));
      expect(read.map(({ event }) => event)).toEqual(inputs.map(({ event }) => event));
    });

    it('takes an event of 900,000 characters', async () => {
      const journal = await open();
      const large = note(1, 'large');
      Object.assign(large.event.data, { message: 'é"'.repeat(450_000) });
      await journal.append([note(1, 'before'), large, note(1, 'after')]);
      const read = entries(await journal.read({ after: await start(journal), audiences: ['user:1'], limit: 10 }));
      expect(read.map(({ event }) => event.id)).toEqual(['before', 'large', 'after']);
      expect(read[1]?.event).toEqual(large.event);
      expect(read[1]?.size).toBeGreaterThan(900_000);
    });

    it('reads from any position, in pages', async () => {
      const journal = await open();
      const given = positions(await journal.append(Array.from({ length: 25 }, (_, index) => note(1, String(index)))));
      const after = given[9] as Position;
      const cut = await journal.read({ after, limit: 10 });
      const page = entries(cut);
      expect(cut).toMatchObject({ upTo: last(page).position });
      expect(ids(page)).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 10)));
      const rest = entries(await journal.read({ after: last(page).position, limit: 10 }));
      expect(ids(rest)).toEqual(['20', '21', '22', '23', '24']);
      expect(entries(await journal.read({ after: last(rest).position, limit: 10 }))).toEqual([]);
    });

    it('loads no more than the bytes asked for, one event at least, and says how many are left', async () => {
      const journal = await open();
      await journal.append(Array.from({ length: 10 }, (_, index) => note(index % 2, String(index))));
      const [one] = entries(await journal.read({ after: await start(journal), limit: 1 }));
      const bytes = (one?.size ?? 0) * 2;
      const query = { audiences: ['user:0', 'user:1'] as const, limit: 8 };
      const page = await journal.read({ ...query, after: await start(journal), bytes });
      expect(ids(entries(page))).toEqual(['0', '1']);
      expect(page).toMatchObject({ more: 6, upTo: { seq: 2 } });
      const single = await journal.read({ ...query, after: { ...(await journal.tail()), seq: 2 }, bytes: 1 });
      expect(ids(entries(single))).toEqual(['2']);
      expect(single).toMatchObject({ more: 7, upTo: { seq: 3 } });
      const rest = await journal.read({ ...query, after: { ...(await journal.tail()), seq: 8 }, bytes: 1e6 });
      expect(ids(entries(rest))).toEqual(['8', '9']);
      expect(rest).toEqual({ ok: true, entries: expect.any(Array), upTo: await journal.tail() });
    });

    it('reads only what is addressed to the audiences, each event once, in order', async () => {
      const journal = await open();
      await journal.append([order(1, 7), order(2, 8), note(7, 'x'), note(9, 'y'), order(3, 7)]);
      const read = async (limit: number, ...audiences: CanonicalEvent['audiences']): Promise<string[]> =>
        ids(entries(await journal.read({ after: await start(journal), audiences, limit })));
      expect(await read(10, 'user:7')).toEqual(['order-1', 'x', 'order-3']);
      expect(await read(10, 'user:7', 'topic:orders')).toEqual(['order-1', 'order-2', 'x', 'order-3']);
      expect(await read(2, 'user:7', 'topic:orders', 'user:9')).toEqual(['order-1', 'order-2']);
      expect(await read(10, 'user:70')).toEqual([]);
      expect(await read(10)).toEqual([]);
      const some = await journal.read({ after: await start(journal), audiences: ['user:8'], limit: 10 });
      expect(some).toMatchObject({ entries: [{ position: { seq: 2 } }], upTo: { seq: 5 } });
      const after = { ...(await journal.tail()), seq: 1 };
      expect(ids(entries(await journal.read({ after, audiences: ['user:7'], limit: 10 })))).toEqual(['x', 'order-3']);
    });

    it('keeps an event once, whoever sends it again, and gives the first position', async () => {
      const journal = await open();
      const [first] = positions(await journal.append([note(1, 'a')]));
      const again = await journal.append([note(1, 'b'), note(1, 'a')]);
      expect(again).toMatchObject({ ok: true, appended: [{ duplicate: false }, { duplicate: true, position: first }] });
      const racing = await Promise.all(Array.from({ length: 10 }, () => journal.append([note(1, 'race')])));
      const outcome = racing.flatMap((result) => (result.ok ? result.appended : []));
      expect(outcome.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(new Set(outcome.map(({ position }) => position.seq)).size).toBe(1);
      expect((await journal.tail()).seq).toBe(3);
    });

    it('takes an id that stands twice in one append once', async () => {
      const journal = await open();
      const result = await journal.append([note(1, 'a'), note(1, 'a')]);
      expect(result).toMatchObject({ ok: true, appended: [{ duplicate: false }, { duplicate: true }] });
      expect((await journal.tail()).seq).toBe(1);
    });

    it('keeps an event whose id cannot come again, and gives it to readers as any other', async () => {
      const journal = await open();
      const given = positions(await journal.append([{ ...note(1, 'a'), unique: true }, note(1, 'b')]));
      expect(given.map(({ seq }) => seq)).toEqual([1, 2]);
      await journal.close();
      const again = await open();
      const read = entries(await again.read({ after: await start(again), audiences: ['user:1'], limit: 9 }));
      expect(ids(read)).toEqual(['a', 'b']);
    });

    it('tells sources apart', async () => {
      const journal = await open();
      const one = note(1, 'a');
      const other = { ...one, event: { ...one.event, source: '/other' } };
      await journal.append([one, other]);
      expect((await journal.tail()).seq).toBe(2);
    });

    it('tells names apart that only differ in where one ends', async () => {
      const journal = await open();
      const inputs = [
        named('/a', 'b:c'),
        named('/a:b', 'c'),
        named('/a\nb', 'c'),
        named('/a', 'b\nc'),
        named('/a","b', 'c'),
        named('/a', 'b","c'),
        named('/a b', '\u0000'),
        named('/a b', '💡'),
      ];
      expect(positions(await journal.append(inputs)).map(({ seq }) => seq)).toEqual(inputs.map((_, at) => at + 1));
      expect(await journal.append(inputs)).toMatchObject({ appended: inputs.map(() => ({ duplicate: true })) });
      expect(await journal.tail()).toMatchObject({ seq: inputs.length });
    });

    it('takes any audience', async () => {
      const journal = await open();
      const users = ['a b', 'a', 'a:b', 'a\nb', '"a"', '[1]', 'ü💡', '*', 'x'.repeat(128)];
      await journal.append(users.map((user, index) => note(user, String(index))));
      const read = (user: string): Promise<ReadResult> =>
        start(journal).then((after) => journal.read({ after, audiences: [`user:${user}`], limit: 10 }));
      for (const [index, user] of users.entries()) expect(ids(entries(await read(user)))).toEqual([String(index)]);
      await site.trim(journal, Date.now() + 1e12);
      expect(await read('a b')).toMatchObject({ gap: 'trimmed' });
    });

    it('takes an audience that is named twice', async () => {
      const journal = await open();
      const { event, fingerprint: print } = note(1, 'a');
      await journal.append([{ event: { ...event, audiences: ['user:1', 'user:1'] }, fingerprint: print }]);
      const query = { after: await start(journal), audiences: ['user:1', 'user:1'] as const, limit: 10 };
      expect(entries(await journal.read(query))).toHaveLength(1);
    });

    it('refuses an id that stands for another content, and keeps nothing of that append', async () => {
      const journal = await open();
      await journal.append([note(1, 'a')]);
      expect(await journal.append([note(1, 'new'), note(1, 'a', 'other')])).toEqual({ ok: false, conflicts: [1] });
      expect(await journal.append([note(1, 'z'), note(1, 'z', 'other')])).toEqual({ ok: false, conflicts: [1] });
      expect((await journal.tail()).seq).toBe(1);
    });

    it('forgets an id after the dedup window', async () => {
      const journal = await open({ dedupWindow: 60 });
      await journal.append([note(1, 'a')]);
      let result = await journal.append([note(1, 'a')]);
      expect(result).toMatchObject({ appended: [{ duplicate: true }] });
      const deadline = Date.now() + 5_000;
      while (result.ok && result.appended[0]?.duplicate && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        result = await journal.append([note(1, 'a')]);
      }
      expect(result).toMatchObject({ appended: [{ duplicate: false, position: { seq: 2 } }] });
    });

    it('keeps everything over a closing: events, order, epoch, what it saw before', async () => {
      const before = await open();
      const given = positions(await before.append([note(1, 'a'), order(2, 1)]));
      await before.close();
      const journal = await open();
      expect(await journal.tail()).toEqual(given[1]);
      expect(await journal.append([note(1, 'a')])).toMatchObject({
        appended: [{ duplicate: true, position: given[0] }],
      });
      const [next] = positions(await journal.append([note(1, 'c')]));
      expect(next).toEqual({ epoch: given[0]?.epoch, seq: 3 });
      const read = entries(await journal.read({ after: await start(journal), audiences: ['user:1'], limit: 9 }));
      expect(ids(read)).toEqual(['a', 'order-2', 'c']);
    });

    it('refuses an append after its closing', async () => {
      const journal = await open();
      await journal.close();
      await expect(journal.append([note(1, 'a')])).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('trims by count, and tells a reader of a trimmed place so', async () => {
      const journal = await open({ retention: { maxAge: 1e12, maxCount: 10 } });
      const given = positions(await journal.append(Array.from({ length: 30 }, (_, index) => note(1, String(index)))));
      await site.trim(journal);
      const tail = last(given);
      const gap = { ok: false, gap: 'trimmed', tail };
      expect(await journal.read({ after: await start(journal), limit: 5 })).toEqual(gap);
      expect(await journal.read({ after: given[5] as Position, audiences: ['user:1'], limit: 5 })).toEqual(gap);
      const kept = entries(await journal.read({ after: given[19] as Position, audiences: ['user:1'], limit: 99 }));
      expect(ids(kept)).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 20)));
    });

    it('trims by age, and goes on counting when nothing is left, also over a closing', async () => {
      const before = await open({ retention: { maxAge: 1_000, maxCount: 1e9 } });
      const [first] = positions(await before.append([note(1, 'a')]));
      await site.trim(before, Date.now() + 500);
      expect(entries(await before.read({ after: await start(before), limit: 5 }))).toHaveLength(1);
      await site.trim(before, Date.now() + 2_000);
      expect(await before.read({ after: await start(before), limit: 5 })).toMatchObject({ gap: 'trimmed' });
      expect(entries(await before.read({ after: first as Position, limit: 5 }))).toEqual([]);
      await before.close();
      const journal = await open();
      expect(positions(await journal.append([note(1, 'b')]))).toEqual([{ epoch: first?.epoch, seq: 2 }]);
    });

    it('tells a reader from another life of the journal so', async () => {
      const before = await open();
      const [old] = positions(await before.append([note(1, 'a')]));
      await before.close();
      await site.erase();
      const journal = await open();
      await journal.append([note(1, 'b'), note(1, 'c')]);
      expect(await journal.read({ after: old as Position, limit: 5 })).toMatchObject({ ok: false, gap: 'epoch' });
      const future = { ...(await journal.tail()), seq: 99 };
      expect(await journal.read({ after: future, limit: 5 })).toMatchObject({ ok: false, gap: 'epoch' });
    });

    it('hands a follower everything after its position, once and in order, old and new', async () => {
      const journal = await open();
      await journal.append(Array.from({ length: 1_200 }, (_, index) => note(1, String(index))));
      const stop = new AbortController();
      const seen: string[] = [];
      const following = (async () => {
        for await (const result of journal.follow({ after: await start(journal), signal: stop.signal })) {
          seen.push(...ids(entries(result)));
          if (seen.length >= 1_300) stop.abort();
        }
      })();
      for (let index = 1_200; index < 1_300; index++) await journal.append([note(1, String(index))]);
      await following;
      expect(seen).toEqual(Array.from({ length: 1_300 }, (_, index) => String(index)));
    });

    it('tells a follower of a gap, and goes on from the tail', async () => {
      const journal = await open();
      await journal.append([note(1, 'a')]);
      const stop = new AbortController();
      const seen: ReadResult[] = [];
      const following = (async () => {
        const after = { epoch: 'elsewhere1', seq: 0 };
        for await (const result of journal.follow({ after, signal: stop.signal })) {
          seen.push(result);
          if (seen.length === 1) await journal.append([note(1, 'b')]);
          if (seen.length === 2) stop.abort();
        }
      })();
      await following;
      expect(seen[0]).toMatchObject({ ok: false, gap: 'epoch', tail: { seq: 1 } });
      expect(ids(entries(seen[1] as ReadResult))).toEqual(['b']);
    });

    it('hands every follower everything', async () => {
      const journal = await open();
      const after = await start(journal);
      const followers = Array.from({ length: 3 }, async () => {
        const stop = new AbortController();
        const seen: string[] = [];
        for await (const result of journal.follow({ after, signal: stop.signal })) {
          seen.push(...ids(entries(result)));
          if (seen.length >= 100) stop.abort();
        }
        return seen;
      });
      const wanted = Array.from({ length: 100 }, (_, index) => String(index));
      for (const id of wanted) await journal.append([note(1, id)]);
      expect(await Promise.all(followers)).toEqual([wanted, wanted, wanted]);
    });

    it('ends following as soon as its signal aborts', async () => {
      const journal = await open();
      const stop = new AbortController();
      const following = (async () => {
        for await (const result of journal.follow({ after: await start(journal), signal: stop.signal }))
          entries(result);
        return Date.now();
      })();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const aborted = Date.now();
      stop.abort();
      expect((await following) - aborted).toBeLessThan(500);
    });

    it('ends following when the journal closes', async () => {
      const journal = await open();
      const stop = new AbortController();
      const following = (async () => {
        for await (const result of journal.follow({ after: await start(journal), signal: stop.signal }))
          entries(result);
        return 'ended';
      })();
      await journal.append([note(1, 'a')]);
      await journal.close();
      expect(await following).toBe('ended');
    });
  });
}
