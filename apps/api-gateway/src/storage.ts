import { join } from 'node:path';
import { embeddedState, RedisJournal, redisState, SqliteJournal, type Journal, type SharedState } from '@lib/realtime';
import type { GatewayConfig } from './config.js';

/** Where this gateway keeps its journal and what it shares: on Redis, with other nodes, or in files of its own. */
export function openStorage(config: GatewayConfig): { journal: Journal; state: SharedState } {
  const options = {
    dedupWindow: config.JOURNAL_DEDUP_WINDOW,
    retention: { maxAge: config.JOURNAL_MAX_AGE, maxCount: config.JOURNAL_MAX_COUNT },
  };
  if (config.REDIS_URL !== undefined) {
    const redis = { url: config.REDIS_URL, prefix: config.REDIS_PREFIX };
    return { journal: new RedisJournal({ ...redis, ...options }), state: redisState(redis) };
  }
  return {
    journal: new SqliteJournal({
      path: join(config.DATA_DIR, 'journal.sqlite'),
      sync: config.JOURNAL_SYNC,
      ...options,
    }),
    state: embeddedState(join(config.DATA_DIR, 'state.sqlite')),
  };
}
