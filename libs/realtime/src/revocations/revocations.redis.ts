import { values, type RedisLink } from '../redis/redis-link.js';
import type { RevocableToken, Revocations } from './revocations.js';

/** Revocations that every node knows at once: one key each, which Redis removes when the token would have ended. */
export class RedisRevocations implements Revocations {
  constructor(private readonly link: RedisLink) {}

  revokeToken(tokenId: string, until: number): Promise<void> {
    return this.put(this.tokenKey(tokenId), until - Date.now());
  }

  revokeUser(userId: string, lifetime: number): Promise<void> {
    return this.put(this.userKey(userId), lifetime);
  }

  async isRevoked({ userId, tokenId, issuedAt = 0 }: RevocableToken): Promise<boolean> {
    const keys = [this.userKey(userId), ...(tokenId === undefined ? [] : [this.tokenKey(tokenId)])];
    const [user, token] = await this.link.run((client) => client.mget(keys));
    return typeof token === 'string' || (typeof user === 'string' && issuedAt <= Number(user));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The newest time counts, and the longest life: a second revocation never lets in what the first one refused. */
  private async put(key: string, lifetime: number): Promise<void> {
    const milliseconds = Math.ceil(lifetime);
    if (milliseconds <= 0) return;
    await this.link.run(async (client) =>
      values(
        await client
          .multi()
          .set(key, Date.now(), 'KEEPTTL')
          .pexpire(key, milliseconds, 'NX')
          .pexpire(key, milliseconds, 'GT')
          .exec(),
      ),
    );
  }

  private tokenKey(tokenId: string): string {
    return `${this.link.prefix}revoked:token:${tokenId}`;
  }

  private userKey(userId: string): string {
    return `${this.link.prefix}revoked:user:${userId}`;
  }
}
