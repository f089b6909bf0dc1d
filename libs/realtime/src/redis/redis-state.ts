import { RedisBus } from '../bus/bus.redis.js';
import { RedisNodes } from '../nodes/nodes.redis.js';
import { RedisPresence } from '../presence/presence.redis.js';
import { RedisRevocations } from '../revocations/revocations.redis.js';
import { RedisSessions } from '../sessions/sessions.redis.js';
import type { SharedState } from '../shared-state.js';
import { RedisLink, type RedisOptions } from './redis-link.js';

/** For a gateway of several processes: what they share is on Redis, over two connections from each. */
export function redisState(options: RedisOptions): SharedState {
  const link = new RedisLink(options);
  return {
    presence: new RedisPresence(link),
    sessions: new RedisSessions(link),
    bus: new RedisBus(link, options),
    revocations: new RedisRevocations(link),
    nodes: new RedisNodes(link),
    available: () => !link.refusing,
    close: () => Promise.resolve(link.close()),
  };
}
