import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entries, note, positions } from '../../../libs/realtime/src/journal/journal.conformance.js';
import { RedisJournal } from '../../../libs/realtime/src/journal/journal.redis.js';
import type { Position } from '../../../libs/realtime/src/journal/position.js';
import { startRedis } from '../../infra/redis.js';
import type { Server } from '../../infra/server.js';
import { until } from '../../infra/until.js';
import { proxyTo } from './proxy.js';
import { readerOf } from './reader.js';
import { place, type Place } from './site.js';

const notes = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => note(1, String(from + at)));

describe('a journal whose Redis has lost something', () => {
  let redis: Server;
  let at: Place;
  beforeAll(async () => {
    redis = await startRedis();
    at = place(redis.env['REDIS_URL']);
  });
  afterAll(async () => {
    await at.dispose();
    await redis.stop();
  });

  it('goes on where only the scripts are lost', async () => {
    const journal = new RedisJournal(at);
    await journal.append([note(1, 'a')]);
    await at.client.script('FLUSH');
    expect(await journal.append([note(1, 'a'), note(1, 'b')])).toMatchObject({
      appended: [{ duplicate: true }, { duplicate: false, position: { seq: 2 } }],
    });
    await at.client.script('FLUSH');
    await journal.trim();
    await journal.close();
  });

  it('is another journal after FLUSHALL, for readers and for followers that wait', async () => {
    const journal = new RedisJournal(at);
    const old = positions(await journal.append(notes(0, 20))).at(-1) as Position;
    const reader = readerOf(journal, old);
    await journal.append([note(1, 'seen')]);
    await until('the follower waits', () => reader.ids.includes('seen'));
    await at.client.flushall();
    const [fresh] = positions(await journal.append([note(1, 'first')]));
    expect(fresh).toMatchObject({ seq: 1 });
    expect(fresh?.epoch).not.toBe(old.epoch);
    expect(await journal.read({ after: old, limit: 5 })).toEqual({ ok: false, gap: 'epoch', tail: fresh });
    await until('the follower is told', () => reader.gaps.length > 0);
    expect(reader.gaps).toEqual([{ ok: false, gap: 'epoch', tail: fresh }]);
    await journal.append([note(1, 'next')]);
    await until('the follower goes on', () => reader.ids.includes('next'));
    expect(reader.ids).toEqual(['seen', 'next']);
    await reader.stop();
    await journal.close();
  });

  it('tells a follower of another journal even where that one is longer by then', async () => {
    const journal = new RedisJournal(at);
    const reader = readerOf(journal, await journal.tail());
    await journal.append([note(1, 'seen')]);
    await until('the follower waits', () => reader.ids.length === 1);
    await at.client.flushall();
    await journal.append(notes(0, 600));
    await until('the follower is told', () => reader.gaps.length > 0);
    expect(reader.ids).toEqual(['seen']);
    expect(reader.gaps).toMatchObject([{ gap: 'epoch', tail: { seq: 600 } }]);
    await reader.stop();
    await journal.close();
  });

  it('tells a reader that asks an empty Redis', async () => {
    const journal = new RedisJournal(at);
    const old = await journal.tail();
    await at.client.flushall();
    expect(await journal.read({ after: old, limit: 5 })).toMatchObject({ gap: 'epoch', tail: { seq: 0 } });
    await at.client.flushall();
    expect(await journal.read({ after: old, audiences: ['user:1'], limit: 5 })).toMatchObject({ gap: 'epoch' });
    await journal.close();
  });

  it('begins another epoch when entries that this node has seen are gone, and goes on counting', async () => {
    const journal = new RedisJournal(at);
    const given = positions(await journal.append(notes(0, 10)));
    await at.client.hset(`{${at.prefix}}:journal:state`, 'seq', 7);
    await at.client.xdel(`{${at.prefix}}:journal`, '8-0', '9-0', '10-0');
    const [next] = positions(await journal.append([note(1, 'next')]));
    expect(next?.epoch).not.toBe(given[0]?.epoch);
    expect(next?.seq).toBeGreaterThan(7);
    for (const position of given) {
      expect(await journal.read({ after: position, limit: 99 })).toMatchObject({ gap: 'epoch' });
    }
    const before = { epoch: next?.epoch ?? '', seq: (next?.seq ?? 0) - 1 };
    expect(entries(await journal.read({ after: before, limit: 99 })).map(({ event }) => event.id)).toEqual(['next']);
    expect(await journal.read({ after: { ...before, seq: 3 }, limit: 99 })).toMatchObject({ gap: 'trimmed' });
    await journal.close();
  });

  it('tells a follower that was too slow for retention, and goes on from the tail', async () => {
    await at.client.flushall();
    await using proxy = await proxyTo(at.url);
    const slow = new RedisJournal({ url: proxy.url, prefix: at.prefix });
    const journal = new RedisJournal({ ...at, retention: { maxAge: 1e12, maxCount: 5 } });
    const reader = readerOf(slow, await journal.tail());
    await journal.append([note(1, 'seen')]);
    await until('the follower waits', () => reader.ids.length === 1);
    proxy.silence();
    await journal.append([note(1, 'last before the hole')]);
    await journal.append(notes(0, 100));
    await journal.trim();
    proxy.resume();
    await until('the follower is told', () => reader.gaps.length > 0);
    expect(reader.gaps).toMatchObject([{ gap: 'trimmed', tail: await journal.tail() }]);
    await journal.append([note(1, 'next')]);
    await until('the follower goes on', () => reader.ids.includes('next'));
    expect(reader.ids).toEqual(['seen', 'last before the hole', 'next']);
    await Promise.all([reader.stop(), slow.close(), journal.close()]);
  });

  it('never answers with a hole when the stream is gone', async () => {
    const journal = new RedisJournal(at);
    await at.client.flushall();
    const given = positions(await journal.append(notes(0, 5)));
    await at.client.del(`{${at.prefix}}:journal`);
    const after = { ...(given[0] as Position), seq: 0 };
    expect(await journal.read({ after, limit: 99 })).toMatchObject({ gap: 'trimmed', tail: { seq: 5 } });
    expect(await journal.read({ after, audiences: ['user:1'], limit: 99 })).toMatchObject({ gap: 'trimmed' });
    await journal.close();
  });
});
