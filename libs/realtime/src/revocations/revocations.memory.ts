import type { RevocableToken, Revocations } from './revocations.js';

/** Revocations on one node, in its memory: they end with the process. */
export class MemoryRevocations implements Revocations {
  private readonly tokens = new Map<string, number>();
  private readonly users = new Map<string, { at: number; until: number }>();

  revokeToken(tokenId: string, until: number): Promise<void> {
    this.purge();
    this.tokens.set(tokenId, until);
    return Promise.resolve();
  }

  revokeUser(userId: string, lifetime: number): Promise<void> {
    this.purge();
    const at = Date.now();
    this.users.set(userId, { at, until: at + lifetime });
    return Promise.resolve();
  }

  isRevoked({ userId, tokenId, issuedAt = 0 }: RevocableToken): Promise<boolean> {
    const now = Date.now();
    const user = this.users.get(userId);
    const byUser = user !== undefined && user.until > now && issuedAt <= user.at;
    return Promise.resolve(byUser || (tokenId !== undefined && (this.tokens.get(tokenId) ?? 0) > now));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private purge(): void {
    const now = Date.now();
    for (const [id, until] of this.tokens) if (until <= now) this.tokens.delete(id);
    for (const [id, { until }] of this.users) if (until <= now) this.users.delete(id);
  }
}
