import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { values, type RedisLink } from '../redis/redis-link.js';
import type { NodeCounts, Nodes } from './nodes.js';

/** Milliseconds between two signs of life. */
const BEAT = 3_000;
/** Milliseconds after its last one that a node counts as alive. */
const LIFETIME = 8_000;
/** Milliseconds after which the name of a dead node is forgotten; clocks may differ by less than that. */
const NAME_LIFETIME = 3_600_000;

/** Each node keeps a key alive that has its counts; a sorted set has their names. */
export class RedisNodes implements Nodes {
  readonly id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  private readonly names: string;
  private counts: (() => NodeCounts) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly link: RedisLink) {
    this.names = `${link.prefix}nodes`;
    link.onReady(() => void this.beat());
  }

  start(counts: () => NodeCounts): void {
    this.counts = counts;
    clearInterval(this.timer);
    this.timer = setInterval(() => void this.beat(), BEAT).unref();
    void this.beat();
  }

  /** Rejects with `OmsError` `unavailable` where the others cannot be asked. */
  async all(): Promise<Readonly<Record<string, NodeCounts>>> {
    const ids = await this.link.run((client) => client.zrange(this.names, '0', '-1'));
    const texts = ids.length === 0 ? [] : await this.link.run((client) => client.mget(ids.map((id) => this.key(id))));
    const alive = ids.flatMap((id, index): [string, NodeCounts][] => {
      const text = texts[index];
      return typeof text === 'string' && id !== this.id ? [[id, JSON.parse(text) as NodeCounts]] : [];
    });
    return Object.fromEntries(this.counts ? [...alive, [this.id, this.counts()]] : alive);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.counts = undefined;
    if (!this.link.ready) return;
    const leave = this.link.run((client) => client.multi().del(this.key(this.id)).zrem(this.names, this.id).exec());
    // Where that fails, the key ends by itself.
    await leave.catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const { counts } = this;
    if (!counts || !this.link.ready) return;
    const now = Date.now();
    const told = this.link.run(async (client) =>
      values(
        await client
          .multi()
          .set(this.key(this.id), JSON.stringify(counts()), 'PX', LIFETIME)
          .zadd(this.names, now, this.id)
          .zremrangebyscore(this.names, '-inf', now - NAME_LIFETIME)
          .exec(),
      ),
    );
    // The next beat, or the one when the connection is back, tells it.
    await told.catch(() => undefined);
  }

  private key(id: string): string {
    return `${this.link.prefix}node:${id}`;
  }
}
