import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RevocableToken, Revocations } from './revocations.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS revocations (
    kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (kind, id)
  ) WITHOUT ROWID;
`;

/** Revocations of a single node; they outlive it, for a token does too. */
export class SqliteRevocations implements Revocations {
  private readonly getOne: StatementSync;

  constructor(private readonly database: DatabaseSync) {
    database.exec(SCHEMA);
    // Asked at each request: prepared once.
    this.getOne = database.prepare('SELECT at FROM revocations WHERE kind = ? AND id = ? AND until > ?');
  }

  revokeToken(tokenId: string, until: number): Promise<void> {
    return this.put('token', tokenId, until);
  }

  revokeUser(userId: string, lifetime: number): Promise<void> {
    return this.put('user', userId, Date.now() + lifetime);
  }

  isRevoked({ userId, tokenId, issuedAt = 0 }: RevocableToken): Promise<boolean> {
    const user = this.find('user', userId);
    const revoked =
      (user !== undefined && issuedAt <= user.at) ||
      (tokenId !== undefined && this.find('token', tokenId) !== undefined);
    return Promise.resolve(revoked);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private put(kind: 'token' | 'user', id: string, until: number): Promise<void> {
    const now = Date.now();
    this.database.prepare('DELETE FROM revocations WHERE until <= ?').run(now);
    this.database.prepare('INSERT OR REPLACE INTO revocations VALUES (?, ?, ?, ?)').run(kind, id, now, until);
    return Promise.resolve();
  }

  private find(kind: 'token' | 'user', id: string): { at: number } | undefined {
    return this.getOne.get(kind, id, Date.now()) as { at: number } | undefined;
  }
}
