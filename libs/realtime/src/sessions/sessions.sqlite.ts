import { Logger } from '@nestjs/common';
import type { DatabaseSync } from 'node:sqlite';
import { OmsError } from '@lib/events';
import { SESSION_LIFETIME, type Session, type Sessions } from './sessions.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS client_sessions (
    pid TEXT PRIMARY KEY, session TEXT NOT NULL, at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS client_sessions_at ON client_sessions (at);
`;
/** Milliseconds between two removals of what has outlived its time. */
const PURGE_INTERVAL = 3_600_000;

/** Sessions of a single node, in a database that its caller opens and closes. */
export class SqliteSessions implements Sessions {
  private readonly logger = new Logger(SqliteSessions.name);
  private readonly timer: NodeJS.Timeout;
  private waiting = new Map<string, { session: Session; done: (() => void)[]; failed: ((error: unknown) => void)[] }>();

  constructor(private readonly database: DatabaseSync) {
    database.exec(SCHEMA);
    this.timer = setInterval(() => this.purge(), PURGE_INTERVAL).unref();
  }

  /** Everything saved in one turn of the event loop is committed together. */
  save(pid: string, session: Session): Promise<void> {
    return new Promise((done, failed) => {
      if (this.waiting.size === 0) setImmediate(() => this.commit());
      const earlier = this.waiting.get(pid);
      this.waiting.set(pid, {
        session,
        done: [...(earlier?.done ?? []), done],
        failed: [...(earlier?.failed ?? []), failed],
      });
    });
  }

  find(pid: string): Promise<Session | undefined> {
    const waiting = this.waiting.get(pid);
    if (waiting) return Promise.resolve(waiting.session);
    const row = this.database
      .prepare('SELECT session FROM client_sessions WHERE pid = ? AND at > ?')
      .get(pid, Date.now() - SESSION_LIFETIME) as { session: string } | undefined;
    return Promise.resolve(row && (JSON.parse(row.session) as Session));
  }

  close(): Promise<void> {
    clearInterval(this.timer);
    this.commit();
    return Promise.resolve();
  }

  private commit(): void {
    const { waiting } = this;
    this.waiting = new Map();
    if (waiting.size === 0 || !this.database.isOpen) return;
    try {
      const put = this.database.prepare('INSERT OR REPLACE INTO client_sessions VALUES (?, ?, ?)');
      this.database.exec('BEGIN');
      for (const [pid, { session }] of waiting) {
        put.run(pid, JSON.stringify(session), Date.now());
      }
      this.database.exec('COMMIT');
      for (const { done } of waiting.values()) for (const resolve of done) resolve();
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      const refusal = new OmsError('unavailable', { cause: error });
      for (const { failed } of waiting.values()) for (const reject of failed) reject(refusal);
    }
  }

  private purge(): void {
    try {
      this.database.prepare('DELETE FROM client_sessions WHERE at <= ?').run(Date.now() - SESSION_LIFETIME);
    } catch (error) {
      // A full disk, say. Thrown from a timer, this would end the process.
      this.logger.warn(`old sessions were not removed: ${String(error)}`);
    }
  }
}
