import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { note, positions } from '../../../libs/realtime/src/journal/journal.conformance.js';
import { RedisJournal } from '../../../libs/realtime/src/journal/journal.redis.js';
import { startRedis } from '../../infra/redis.js';
import type { Server } from '../../infra/server.js';
import { until } from '../../infra/until.js';
import { recordLog } from './log.js';
import { proxyTo } from './proxy.js';
import { readerOf } from './reader.js';

const unavailable = { code: 'unavailable' };

describe('RedisJournal while Redis is away', () => {
  let redis: Server;
  let url: string;
  let log: ReturnType<typeof recordLog>;
  beforeAll(async () => {
    redis = await startRedis();
    url = redis.env['REDIS_URL'] ?? '';
  });
  afterAll(() => redis.stop());
  beforeEach(() => void (log = recordLog()));
  afterEach(() => log.restore());

  it('refuses appends, loses nothing that was acknowledged, and hands followers everything once, in order', async () => {
    const journal = new RedisJournal({ url, prefix: 'killed' });
    const reader = readerOf(journal, { ...(await journal.tail()), seq: 0 });
    const acknowledged: string[] = [];
    let refused = 0;
    const writing = new AbortController();
    const appends = Array.from({ length: 5 }, async (_, writer) => {
      for (let count = 0; !writing.signal.aborted; count++) {
        const id = `${writer}/${count}`;
        try {
          positions(await journal.append([note(writer, id)]));
          acknowledged.push(id);
        } catch (error) {
          expect(error).toMatchObject(unavailable);
          refused++;
        }
        await sleep(2);
      }
    });
    const saying = (text: string): number => log.lines.filter((line) => line.includes(text)).length;
    for (let round = 1; round <= 3; round++) {
      const before = acknowledged.length;
      await until('appends', () => acknowledged.length > before + 50);
      await redis.kill();
      await until('a refusal', () => refused > round * 5);
      await redis.restart();
      await until('every connection is back', () => saying('answers again') === round);
    }
    const before = acknowledged.length;
    await until('appends', () => acknowledged.length > before + 50);
    writing.abort();
    await Promise.all(appends);
    const { seq } = await journal.tail();
    await until('the follower is at the tail', () => reader.seqs.at(-1) === seq);
    await reader.stop();
    await journal.close();
    expect(reader.gaps).toEqual([]);
    expect(reader.seqs).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
    expect(new Set(reader.ids).size).toBe(seq);
    expect(acknowledged.filter((id) => !reader.ids.includes(id))).toEqual([]);
    expect([saying('does not answer'), saying('answers again')]).toEqual([3, 3]);
    expect(log.lines).toHaveLength(6);
  });

  it('refuses in bounded time, at once when it has been away for long, and closes at once', async () => {
    const journal = new RedisJournal({ url, prefix: 'away' });
    await journal.append([note(1, 'a')]);
    await redis.kill();
    const began = Date.now();
    await expect(journal.append([note(1, 'b')])).rejects.toMatchObject(unavailable);
    await expect(journal.tail()).rejects.toMatchObject(unavailable);
    expect(Date.now() - began).toBeLessThan(3_000);
    const reader = readerOf(journal, { epoch: 'whatever', seq: 0 });
    await sleep(2_000 - (Date.now() - began));
    const later = Date.now();
    const many = Array.from({ length: 500 }, (_, index) => journal.append([note(1, String(index))]));
    for (const append of many) await expect(append).rejects.toMatchObject(unavailable);
    await expect(journal.read({ after: { epoch: 'whatever', seq: 0 }, limit: 1 })).rejects.toMatchObject(unavailable);
    await journal.close();
    await reader.stop();
    expect(Date.now() - later).toBeLessThan(500);
    await redis.restart();
  });

  it('takes a Redis that was not there at the start', async () => {
    await redis.kill();
    const journal = new RedisJournal({ url, prefix: 'late' });
    await expect(journal.tail()).rejects.toMatchObject(unavailable);
    await redis.restart();
    await until('an append', () =>
      journal.append([note(1, 'a')]).then(
        () => true,
        () => false,
      ),
    );
    expect((await journal.tail()).seq).toBe(1);
    await journal.close();
  });

  it('notices a connection that has gone silent, and goes on when it is back', async () => {
    await using proxy = await proxyTo(url);
    const journal = new RedisJournal({ url: proxy.url, prefix: 'silent' });
    const elsewhere = new RedisJournal({ url, prefix: 'silent' });
    const reader = readerOf(journal, await journal.tail());
    await journal.append([note(1, 'before')]);
    await until('the first event', () => reader.ids.length === 1);

    proxy.silence();
    let began = Date.now();
    await expect(journal.tail()).rejects.toMatchObject(unavailable);
    await expect(journal.append([note(1, 'refused')])).rejects.toMatchObject(unavailable);
    expect(Date.now() - began).toBeLessThan(5_000);
    await elsewhere.append([note(1, 'meanwhile')]);
    await sleep(3_000);
    proxy.resume();
    await until('what came meanwhile', () => reader.ids.includes('meanwhile'));
    await elsewhere.append([note(1, 'after')]);
    await until('what came after', () => reader.ids.includes('after'));
    expect(reader.gaps).toEqual([]);
    expect(new Set(reader.ids).size).toBe(reader.ids.length);
    expect(reader.seqs).toEqual(reader.seqs.map((_, index) => index + 1));

    proxy.silence();
    began = Date.now();
    await journal.close();
    await reader.stop();
    expect(Date.now() - began).toBeLessThan(2_000);
    await elsewhere.close();
  });

  it('goes on after connections that break, one upon the other', async () => {
    await using proxy = await proxyTo(url);
    const journal = new RedisJournal({ url: proxy.url, prefix: 'cut' });
    const elsewhere = new RedisJournal({ url, prefix: 'cut' });
    const reader = readerOf(journal, await journal.tail());
    const wanted = Array.from({ length: 60 }, (_, index) => String(index));
    for (const id of wanted) {
      await elsewhere.append([note(1, id)]);
      if (Number(id) % 6 === 0) proxy.cut();
      await sleep(20);
    }
    await until('everything', () => reader.ids.length >= wanted.length);
    expect(reader.ids).toEqual(wanted);
    await Promise.all([reader.stop(), journal.close(), elsewhere.close()]);
  });

  it('says so, and keeps nothing, when Redis refuses', async () => {
    const journal = new RedisJournal({ url, prefix: 'full' });
    await journal.append([note(1, 'a')]);
    const { Redis } = await import('ioredis');
    const admin = new Redis(url);
    await admin.config('SET', 'maxmemory', '1');
    await expect(journal.append([note(1, 'b'), note(1, 'c')])).rejects.toMatchObject(unavailable);
    await expect(journal.append([note(1, 'b')])).rejects.toMatchObject(unavailable);
    expect(await journal.tail()).toMatchObject({ seq: 1 });
    await admin.config('SET', 'maxmemory', '0');
    expect(await journal.append([note(1, 'b')])).toMatchObject({ appended: [{ position: { seq: 2 } }] });
    expect(log.lines).toEqual([expect.stringContaining('OOM')]);
    admin.disconnect();
    await journal.close();
  });
});
