import { OmsError, type Audience } from '@lib/events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEFAULT_DEDUP_WINDOW,
  DEFAULT_RETENTION,
  type AppendResult,
  type Appended,
  type Journal,
  type JournalEntry,
  type JournalInput,
  type ReadQuery,
  type ReadResult,
  type Retention,
} from './journal.js';
import { Inbox } from './inbox.js';
import { newEpoch, type Position } from './position.js';

export interface SqliteJournalOptions {
  /** The file; its folder is made where it is missing. */
  path: string;
  /**
   * `normal`: what was acknowledged survives the end of the process, by `kill -9` too. `full`: a loss of
   * power as well, at the price of one `fsync` a commit. Default `normal`.
   */
  sync?: 'normal' | 'full';
  /** Milliseconds that `(source, id)` is remembered. Default 24 h. */
  dedupWindow?: number;
  retention?: Retention;
  /** Milliseconds between two rounds of trimming. Default one minute. */
  trimInterval?: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS dedup (
    source TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    PRIMARY KEY (source, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS dedup_at ON dedup (at);
  CREATE TABLE IF NOT EXISTS audience_index (
    audience TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (audience, seq)
  ) WITHOUT ROWID;
`;

/** Entries a follower is handed at once. */
const BATCH = 512;
/** Entries deleted in one transaction, so that trimming never holds up an append for long. */
const TRIM_BATCH = 2_000;

interface Waiting {
  inputs: readonly JournalInput[];
  resolve: (result: AppendResult) => void;
  reject: (error: unknown) => void;
}

/**
 * The embedded journal: one SQLite file in WAL mode, one process. All appends of a turn of the event loop
 * are committed together. The file is locked: a second process on it fails at its start.
 */
export class SqliteJournal implements Journal {
  private readonly database: DatabaseSync;
  private readonly statements: ReturnType<typeof prepare>;
  private readonly options: Required<SqliteJournalOptions>;
  private readonly epoch: string;
  private readonly trimTimer: NodeJS.Timeout;
  private readonly inboxes = new Set<Inbox>();
  private waiting: Waiting[] = [];
  private lastSeq: number;
  private trimmedTo: number;
  private closed = false;

  constructor(options: SqliteJournalOptions) {
    this.options = {
      sync: 'normal',
      dedupWindow: DEFAULT_DEDUP_WINDOW,
      retention: DEFAULT_RETENTION,
      trimInterval: 60_000,
      ...options,
    };
    this.database = open(this.options);
    this.statements = prepare(this.database);
    this.epoch = this.meta('epoch') ?? newEpoch();
    this.statements.putMeta.run('epoch', this.epoch);
    this.trimmedTo = Number(this.meta('trimmed_to') ?? 0);
    const newest = this.statements.lastSeq.get() as { seq: number | null };
    this.lastSeq = Math.max(newest.seq ?? 0, this.trimmedTo);
    this.trimTimer = setInterval(() => this.trim(), this.options.trimInterval).unref();
  }

  append(inputs: readonly JournalInput[]): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new OmsError('unavailable'));
      if (this.waiting.push({ inputs, resolve, reject }) === 1) setImmediate(() => this.commit());
    });
  }

  read(query: ReadQuery): Promise<ReadResult> {
    // Through the executor, so that a throw becomes a rejection.
    return new Promise((resolve) => resolve(this.readNow(query)));
  }

  tail(): Promise<Position> {
    return Promise.resolve(this.position(this.lastSeq));
  }

  async *follow({ after, signal }: { after: Position; signal: AbortSignal }): AsyncGenerator<ReadResult> {
    const inbox = new Inbox();
    this.inboxes.add(inbox);
    signal.addEventListener('abort', inbox.wake);
    try {
      let position = after;
      while (!signal.aborted && !this.closed) {
        const fresh = position.epoch === this.epoch && inbox.take(position.seq);
        if (fresh) {
          yield { ok: true, entries: fresh, upTo: this.position(position.seq + fresh.length) };
          position = this.position(position.seq + fresh.length);
        } else if (position.epoch === this.epoch && position.seq === this.lastSeq) {
          await inbox.filled();
        } else {
          const result = await this.readPatiently({ after: position, limit: BATCH }, signal);
          if (!result) continue;
          yield result;
          position = result.ok ? result.upTo : result.tail;
        }
      }
    } finally {
      this.inboxes.delete(inbox);
      signal.removeEventListener('abort', inbox.wake);
    }
  }

  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.commit();
    this.closed = true;
    clearInterval(this.trimTimer);
    for (const inbox of this.inboxes) inbox.wake();
    this.database.close();
    return Promise.resolve();
  }

  /** Removes what retention and the dedup window no longer keep. Runs by itself; callable for tests and tools. */
  trim(now = Date.now()): void {
    if (this.closed) return;
    const { maxAge, maxCount } = this.options.retention;
    const young = this.statements.oldestSince.get(now - maxAge) as { seq: number } | undefined;
    const keepAfter = Math.max(this.lastSeq - maxCount, young ? young.seq - 1 : this.lastSeq, this.trimmedTo);
    while (this.trimmedTo < keepAfter) {
      const upTo = Math.min(keepAfter, this.trimmedTo + TRIM_BATCH);
      this.transaction(() => {
        this.statements.trimIndex.run(this.trimmedTo, upTo);
        this.statements.trimEntries.run(upTo);
        this.statements.putMeta.run('trimmed_to', String(upTo));
      });
      this.trimmedTo = upTo;
    }
    this.statements.trimDedup.run(now - this.options.dedupWindow);
  }

  /** Commits everything that waits, in one transaction. */
  private commit(): void {
    const group = this.waiting;
    this.waiting = [];
    if (group.length === 0) return;
    const kept: JournalEntry[] = [];
    const before = this.lastSeq;
    let results: AppendResult[];
    try {
      results = this.transaction(() => group.map(({ inputs }) => this.insert(inputs, kept)));
    } catch (error) {
      this.lastSeq = before;
      const refusal = new OmsError('unavailable', { cause: error });
      for (const { reject } of group) reject(refusal);
      return;
    }
    group.forEach(({ resolve }, index) => resolve(results[index] as AppendResult));
    if (kept.length > 0) for (const inbox of this.inboxes) inbox.put(kept);
  }

  private insert(inputs: readonly JournalInput[], kept: JournalEntry[]): AppendResult {
    const now = Date.now();
    const known = inputs.map((input) => this.known(input, now));
    const conflicts = conflicting(inputs, known);
    if (conflicts.length > 0) return { ok: false, conflicts };

    const appended = inputs.map(({ event, fingerprint }, index): Appended => {
      // Asked again for an id that stands twice in this very append.
      const first = known[index] ?? (inputs.length > 1 ? this.known({ event, fingerprint }, now) : undefined);
      if (first) return { position: this.position(first.seq), duplicate: true };
      const seq = ++this.lastSeq;
      const text = JSON.stringify(event);
      this.statements.putEntry.run(seq, now, text);
      this.statements.putDedup.run(event.source, event.id, seq, now, fingerprint);
      for (const audience of event.audiences) this.statements.putAudience.run(audience, seq);
      const position = this.position(seq);
      kept.push({ position, event, size: text.length });
      return { position, duplicate: false };
    });
    return { ok: true, appended };
  }

  private known({ event }: JournalInput, now: number): Known | undefined {
    const row = this.statements.getDedup.get(event.source, event.id) as unknown as Known | undefined;
    return row && row.at > now - this.options.dedupWindow ? row : undefined;
  }

  private readNow({ after, audiences, limit }: ReadQuery): ReadResult {
    const gap = this.gap(after);
    if (gap) return { ok: false, gap, tail: this.position(this.lastSeq) };
    const entries = audiences ? this.readAudiences(after.seq, audiences, limit) : this.readAll(after.seq, limit);
    const last = entries.length === limit ? entries.at(-1) : undefined;
    return { ok: true, entries, upTo: last?.position ?? this.position(this.lastSeq) };
  }

  private readAll(after: number, limit: number): JournalEntry[] {
    return this.statements.read.all(after, limit).map((row) => this.entry(row));
  }

  /** For followers: a failure is waited out, and no reason to end. */
  private async readPatiently(query: ReadQuery, signal: AbortSignal): Promise<ReadResult | undefined> {
    try {
      return this.readNow(query);
    } catch {
      await sleep(1_000, undefined, { signal }).catch(() => undefined);
      return undefined;
    }
  }

  /** Each audience gives its first `limit` from the index, so that a long history costs nothing. */
  private readAudiences(after: number, audiences: readonly Audience[], limit: number): JournalEntry[] {
    const seqs = new Set<number>();
    for (const audience of new Set(audiences)) {
      for (const row of this.statements.readAudience.all(audience, after, limit)) seqs.add(row['seq'] as number);
    }
    return [...seqs]
      .sort((one, other) => one - other)
      .slice(0, limit)
      .map((seq) => this.entry(this.statements.get.get(seq) as Record<string, unknown>));
  }

  private gap(after: Position): 'epoch' | 'trimmed' | undefined {
    // Beyond the tail: the file was put back to an older state, so it is another life in all but name.
    if (after.epoch !== this.epoch || after.seq > this.lastSeq) return 'epoch';
    return after.seq < this.trimmedTo ? 'trimmed' : undefined;
  }

  private transaction<T>(work: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  private entry(row: Record<string, unknown>): JournalEntry {
    const text = row['event'] as string;
    return {
      position: this.position(row['seq'] as number),
      event: JSON.parse(text) as JournalEntry['event'],
      size: text.length,
    };
  }

  private position(seq: number): Position {
    return { epoch: this.epoch, seq };
  }

  private meta(key: string): string | undefined {
    return (this.statements.getMeta.get(key) as { value: string } | undefined)?.value;
  }
}

interface Known {
  seq: number;
  at: number;
  fingerprint: string;
}

/** Indexes whose id stands for another content, in the journal or earlier in the same append. */
function conflicting(inputs: readonly JournalInput[], known: readonly (Known | undefined)[]): number[] {
  const within = new Map<string, string>();
  return inputs.flatMap(({ event, fingerprint }, index) => {
    const key = `${event.source}\n${event.id}`;
    const earlier = known[index]?.fingerprint ?? within.get(key);
    within.set(key, earlier ?? fingerprint);
    return earlier === undefined || earlier === fingerprint ? [] : [index];
  });
}

function open({ path, sync }: Required<SqliteJournalOptions>): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  try {
    // Before WAL mode is entered, so that no shared-memory file is needed and the lock is held from now on.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA synchronous = ${sync === 'full' ? 'FULL' : 'NORMAL'}`);
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    if (/locked|busy/i.test(String(error))) {
      throw new Error(`the journal ${path} is in use by another process: end it, or set another DATA_DIR`, {
        cause: error,
      });
    }
    throw new Error(`the journal ${path} cannot be opened: ${String(error)}`, { cause: error });
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    getMeta: sql('SELECT value FROM meta WHERE key = ?'),
    putMeta: sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
    lastSeq: sql('SELECT max(seq) AS seq FROM entries'),
    putEntry: sql('INSERT INTO entries VALUES (?, ?, ?)'),
    getDedup: sql('SELECT seq, at, fingerprint FROM dedup WHERE source = ? AND id = ?'),
    putDedup: sql('INSERT OR REPLACE INTO dedup VALUES (?, ?, ?, ?, ?)'),
    putAudience: sql('INSERT OR IGNORE INTO audience_index VALUES (?, ?)'),
    read: sql('SELECT seq, event FROM entries WHERE seq > ? ORDER BY seq LIMIT ?'),
    readAudience: sql('SELECT seq FROM audience_index WHERE audience = ? AND seq > ? ORDER BY seq LIMIT ?'),
    get: sql('SELECT seq, event FROM entries WHERE seq = ?'),
    // Walks up from the oldest: its cost is the number of entries to trim.
    oldestSince: sql('SELECT seq FROM entries WHERE at >= ? ORDER BY seq LIMIT 1'),
    trimEntries: sql('DELETE FROM entries WHERE seq <= ?'),
    trimIndex: sql(
      "DELETE FROM audience_index WHERE (audience, seq) IN (SELECT a.value, e.seq FROM entries e, json_each(e.event, '$.audiences') a WHERE e.seq > ? AND e.seq <= ?)",
    ),
    trimDedup: sql('DELETE FROM dedup WHERE at <= ?'),
  };
}
