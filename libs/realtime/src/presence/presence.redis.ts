import { randomUUID } from 'node:crypto';
import { values, type RedisLink } from '../redis/redis-link.js';
import { RedisScript } from '../redis/redis-script.js';
import type { Presence, UserPresence } from './presence.js';

/** Milliseconds between two signs of life. */
const BEAT = 2_000;
/** Milliseconds without one after which the other nodes forget what this one had told. */
const LIFETIME = 6_000;
/** Absent users whose last sight is remembered. */
const REMEMBERED = 100_000;
/** Users told, or forgotten, in one call of the script. */
const BATCH = 500;
/** Milliseconds that a closing may take. */
const CLOSE_WITHIN = 1_000;

const PRESENCE = new RedisScript<[known: 0 | 1, more: 0 | 1]>(new URL('presence.redis.lua', import.meta.url));

/**
 * Presence over all nodes. Each node keeps its own sockets in memory and tells Redis the number of each
 * user's, never the difference: what could not be told, or was forgotten, is told again in full.
 */
export class RedisPresence implements Presence {
  private readonly keys: string[];
  private readonly nodeKeys: string;
  private readonly sockets = new Map<string, Set<string>>();
  /** Users whose number must be told, in the order in which they came or left. */
  private untold = new Set<string>();
  /** This node for the others; a new one whenever they have taken it for dead. */
  private node = randomUUID();
  private joined = false;
  private telling: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly link: RedisLink) {
    const prefix = `${link.prefix}presence:`;
    this.keys = ['nodes', 'sockets', 'online', 'left'].map((name) => prefix + name);
    this.nodeKeys = `${prefix}node:`;
    const beat = (): void => void this.tell().catch(() => undefined);
    this.timer = setInterval(beat, BEAT).unref();
    link.onReady(beat);
  }

  connected(userId: string, socketId: string): void {
    const sockets = this.sockets.get(userId) ?? new Set();
    this.sockets.set(userId, sockets.add(socketId));
    this.changed(userId);
  }

  disconnected(userId: string, socketId: string): void {
    const sockets = this.sockets.get(userId);
    if (!sockets?.delete(socketId)) return;
    if (sockets.size === 0) this.sockets.delete(userId);
    this.changed(userId);
  }

  /** Rejects with `OmsError` `unavailable` where the other nodes cannot be asked. */
  async of(userId: string): Promise<UserPresence> {
    if (this.untold.size > 0) await this.tell();
    const [, sockets = '', , left = ''] = this.keys;
    const [count, leftAt] = await this.link.run(async (client) =>
      values(await client.multi().hget(sockets, userId).zscore(left, userId).exec()),
    );
    const connections = Number(count ?? 0);
    const lastSeenAt = typeof leftAt === 'string' ? new Date(Number(leftAt)).toISOString() : undefined;
    return { online: connections > 0, connections, ...(lastSeenAt !== undefined && { lastSeenAt }) };
  }

  /** Rejects with `OmsError` `unavailable` where the other nodes cannot be asked. */
  async online({ offset, limit }: { offset: number; limit: number }): Promise<{ count: number; users: string[] }> {
    if (this.untold.size > 0) await this.tell();
    const [, , online = ''] = this.keys;
    const [count, users] = await this.link.run(async (client) =>
      values(
        await client
          .multi()
          .zcard(online)
          .zrange(online, String(offset), String(offset + limit - 1))
          .exec(),
      ),
    );
    return { count: Number(count), users: limit > 0 ? (users as string[]) : [] };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    this.sockets.clear();
    this.untold.clear();
    if (!this.link.ready || !this.joined) return;
    const deadline = Date.now() + CLOSE_WITHIN;
    try {
      await this.telling;
      let more: 0 | 1 = 1;
      while (more === 1 && Date.now() < deadline) [, more] = await this.call('leave', [], BATCH);
    } catch {
      // The others forget this node by themselves.
    }
  }

  private changed(userId: string): void {
    this.untold.add(userId);
    if (this.link.ready) this.tell().catch(() => undefined);
  }

  private tell(): Promise<void> {
    return (this.telling ??= this.tellAll());
  }

  /** Tells until there is nothing new; also the sign of life, and what removes dead nodes. */
  private async tellAll(): Promise<void> {
    // What else changes in this turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while ((await this.tellBatch()) || (this.untold.size > 0 && !this.closed));
    } finally {
      this.telling = undefined;
    }
  }

  /** True where there is more to do. */
  private async tellBatch(): Promise<boolean> {
    if (this.closed) return false;
    const users = [...this.untold].slice(0, BATCH);
    for (const user of users) this.untold.delete(user);
    const pairs = users.flatMap((user) => [user, this.sockets.get(user)?.size ?? 0]);
    // Removing dead nodes last: this one may itself have been one of them a moment ago, with the same users.
    const forget = this.untold.size > 0 ? 0 : BATCH;
    try {
      const [known, more] = await this.call(this.joined ? 'stay' : 'join', pairs, forget);
      this.joined = known === 1;
      if (known === 0) this.rejoin();
      return known === 0 || more === 1;
    } catch (error) {
      this.untold = new Set([...users, ...this.untold]);
      throw error;
    }
  }

  private rejoin(): void {
    this.node = randomUUID();
    this.untold = new Set(this.sockets.keys());
  }

  private call(
    as: 'join' | 'stay' | 'leave',
    pairs: readonly (string | number)[],
    forget: number,
  ): Promise<[known: 0 | 1, more: 0 | 1]> {
    const args = [this.nodeKeys, this.node, as, LIFETIME, REMEMBERED, forget, ...pairs];
    return this.link.run((client) => PRESENCE.run(client, this.keys, args));
  }
}
