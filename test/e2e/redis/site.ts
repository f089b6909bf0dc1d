import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';
import { RedisJournal, type RedisJournalOptions } from '../../../libs/realtime/src/journal/journal.redis.js';
import type { JournalSite } from '../../../libs/realtime/src/journal/journal.conformance.js';

/** The Redis that `npm run test:redis` started. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (!url) throw new Error('REDIS_URL is not set: npm run test:redis');
  return url;
}

export interface Place {
  url: string;
  /** Of this place only, so that suites can share a server. */
  prefix: string;
  client: Redis;
  keys: (pattern?: string) => Promise<string[]>;
  dispose: () => Promise<void>;
}

export function place(url = redisUrl()): Place {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const client = new Redis(url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const keys = (pattern = '*'): Promise<string[]> => client.keys(`{${prefix}}:${pattern}`);
  return {
    url,
    prefix,
    client,
    keys,
    dispose: async () => {
      const all = await keys();
      if (all.length > 0) await client.del(all);
      client.disconnect();
    },
  };
}

export function journalSite(): Promise<JournalSite & { at: Place }> {
  const at = place();
  return Promise.resolve({
    at,
    open: (options?: Partial<RedisJournalOptions>) =>
      Promise.resolve(new RedisJournal({ url: at.url, prefix: at.prefix, ...options })),
    trim: (journal, now) => (journal as RedisJournal).trim(now),
    erase: async () => void (await at.client.del(await at.keys())),
    dispose: at.dispose,
  });
}
