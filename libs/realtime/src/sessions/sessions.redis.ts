import type { RedisLink } from '../redis/redis-link.js';
import { SESSION_LIFETIME, type Session, type Sessions } from './sessions.js';

/** Sessions that any node can find: one key each, which Redis removes in time. */
export class RedisSessions implements Sessions {
  constructor(private readonly link: RedisLink) {}

  /** Rejects with `OmsError` `unavailable` where it was not kept. */
  async save(pid: string, { userId, audiences, since }: Session): Promise<void> {
    const text = JSON.stringify({ userId, audiences, since });
    await this.link.run((client) => client.set(this.key(pid), text, 'PX', SESSION_LIFETIME));
  }

  /** Rejects with `OmsError` `unavailable` where it cannot be known. */
  async find(pid: string): Promise<Session | undefined> {
    const text = await this.link.run((client) => client.get(this.key(pid)));
    return text === null ? undefined : (JSON.parse(text) as Session);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private key(pid: string): string {
    return `${this.link.prefix}session:${pid}`;
  }
}
