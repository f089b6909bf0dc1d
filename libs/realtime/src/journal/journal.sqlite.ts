import { Logger } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Inbox } from './inbox.js';
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
import { packSeqs } from './journal.sqlite.postings.js';
import { SqliteReader } from './journal.sqlite.reader.js';
import { SqliteStore } from './journal.sqlite.store.js';
import { bootId } from './boot-id.js';
import { idKey, UnindexedTail, type Kept, type Known } from './journal.sqlite.tail.js';
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

/** Entries a follower is handed at once. */
const BATCH = 512;
/** Entries that may wait for the file's indexes. */
const UNINDEXED = 8_192;
/** Entries deleted in one transaction, so that trimming never holds up an append for long. */
const TRIM_BATCH = 500;

interface Waiting {
  inputs: readonly JournalInput[];
  resolve: (result: AppendResult) => void;
  reject: (error: unknown) => void;
}

/** What one transaction adds; visible to the appends after it in the same transaction. */
interface Group {
  entries: JournalEntry[];
  kept: Kept[];
  ids: Map<string, Known>;
}

/**
 * The embedded journal: one SQLite file in WAL mode, one process. All appends of a turn of the event loop
 * are committed together.
 */
export class SqliteJournal implements Journal {
  private readonly logger = new Logger(SqliteJournal.name);
  private readonly options: Required<SqliteJournalOptions>;
  private readonly store: SqliteStore;
  private readonly tailIndex = new UnindexedTail();
  private readonly reader: SqliteReader;
  private readonly epoch: string;
  private readonly trimTimer: NodeJS.Timeout;
  private readonly inboxes = new Set<Inbox>();
  private waiting: Waiting[] = [];
  private lastSeq: number;
  private trimmedTo: number;
  private closed = false;
  private trimming = false;

  constructor(options: SqliteJournalOptions) {
    this.options = {
      sync: 'normal',
      dedupWindow: DEFAULT_DEDUP_WINDOW,
      retention: DEFAULT_RETENTION,
      trimInterval: 60_000,
      ...options,
    };
    this.store = SqliteStore.open(options.path, this.options.sync);
    this.epoch = this.lostWithPower() ? newEpoch() : (this.store.meta('epoch') ?? newEpoch());
    this.store.putMeta('epoch', this.epoch);
    this.store.putMeta('open_since_boot', bootId());
    this.trimmedTo = Number(this.store.meta('trimmed_to') ?? 0);
    const newest = this.store.statements.lastSeq.get() as { seq: number | null };
    this.lastSeq = Math.max(newest.seq ?? 0, this.trimmedTo);
    this.reader = new SqliteReader(this.store, this.tailIndex, this.epoch, () => ({
      trimmedTo: this.trimmedTo,
      lastSeq: this.lastSeq,
    }));
    this.recoverTail();
    this.trimTimer = setInterval(() => void this.trimRegularly(), this.options.trimInterval).unref();
  }

  append(inputs: readonly JournalInput[]): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new OmsError('unavailable'));
      if (this.waiting.push({ inputs, resolve, reject }) === 1) setImmediate(() => this.commit());
    });
  }

  read(query: ReadQuery): Promise<ReadResult> {
    // Through the executor, so that a throw becomes a rejection.
    return new Promise((resolve) => resolve(this.reader.read(query)));
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
        const fresh = position.epoch === this.epoch ? inbox.take(position.seq) : undefined;
        if (fresh) {
          position = this.position(position.seq + fresh.length);
          yield { ok: true, entries: fresh, upTo: position };
        } else if (position.epoch === this.epoch && position.seq === this.lastSeq) {
          await inbox.filled();
        } else {
          const result = await this.readPatiently({ after: position, limit: BATCH }, signal);
          if (!result) continue;
          position = result.ok ? result.upTo : result.tail;
          yield result;
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
    this.index();
    if (this.tailIndex.size === 0) this.store.putMeta('open_since_boot', '');
    this.closed = true;
    clearInterval(this.trimTimer);
    for (const inbox of this.inboxes) inbox.wake();
    this.store.close();
    return Promise.resolve();
  }

  /**
   * Removes what retention and the dedup window no longer keep, in steps that let others in between. Runs by itself;
   * callable for tests and tools.
   */
  async trim(now = Date.now()): Promise<void> {
    if (this.closed) return;
    this.index();
    const { statements } = this.store;
    const { maxAge, maxCount } = this.options.retention;
    const young = statements.oldestSince.get(now - maxAge) as { seq: number } | undefined;
    const keepAfter = Math.max(this.lastSeq - maxCount, young ? young.seq - 1 : this.lastSeq, this.trimmedTo);
    while (this.trimmedTo < keepAfter) {
      const upTo = Math.min(keepAfter, this.trimmedTo + TRIM_BATCH);
      this.store.transaction(() => {
        statements.trimIndex.run(this.trimmedTo, upTo);
        statements.trimEntries.run(upTo);
        this.store.putMeta('trimmed_to', upTo);
      });
      this.trimmedTo = upTo;
      await turn();
      if (this.closed) return;
    }
    const expired = now - this.options.dedupWindow;
    while (!this.closed && Number(statements.trimDedup.run(expired, TRIM_BATCH).changes) > 0) await turn();
  }

  /** Commits everything that waits, in one transaction. */
  private commit(): void {
    const waiting = this.waiting;
    this.waiting = [];
    if (waiting.length === 0) return;
    const group: Group = { entries: [], kept: [], ids: new Map() };
    const before = this.lastSeq;
    let results: AppendResult[];
    try {
      results = this.store.transaction(() => waiting.map(({ inputs }) => this.insert(inputs, group)));
    } catch (error) {
      this.lastSeq = before;
      this.logger.error(`${waiting.length} appends were refused: ${String(error)}`);
      const refusal = new OmsError('unavailable', { cause: error });
      for (const { reject } of waiting) reject(refusal);
      return;
    }
    for (const kept of group.kept) this.tailIndex.add(kept);
    waiting.forEach(({ resolve }, index) => resolve(results[index] as AppendResult));
    if (group.entries.length > 0) for (const inbox of this.inboxes) inbox.put(group.entries);
    if (this.tailIndex.size >= UNINDEXED) this.index();
  }

  private insert(inputs: readonly JournalInput[], group: Group): AppendResult {
    const now = Date.now();
    const keys = inputs.map(({ event }) => idKey(event));
    const known = inputs.map((input, index) => this.known(input, keys[index] as string, now, group));
    const conflicts = conflicting(inputs, keys, known);
    if (conflicts.length > 0) return { ok: false, conflicts };

    const appended = inputs.map(({ event, fingerprint, unique = false }, index): Appended => {
      const key = keys[index] as string;
      // The group knows an id that stands earlier in this very append.
      const first = known[index] ?? group.ids.get(key);
      if (first) return { position: this.position(first.seq), duplicate: true };
      const seq = ++this.lastSeq;
      const text = JSON.stringify(event);
      this.store.statements.putEntry.run(seq, now, fingerprint, text);
      const kept = { key, seq, at: now, fingerprint, event, unique };
      const position = this.position(seq);
      if (!unique) group.ids.set(key, kept);
      group.kept.push(kept);
      group.entries.push({ position, event, size: text.length });
      return { position, duplicate: false };
    });
    return { ok: true, appended };
  }

  private known({ event, unique }: JournalInput, key: string, now: number, group: Group): Known | undefined {
    if (unique) return undefined;
    const known =
      group.ids.get(key) ??
      this.tailIndex.known(key) ??
      (this.store.statements.getDedup.get(event.source, event.id) as unknown as Known | undefined);
    return known && known.at > now - this.options.dedupWindow ? known : undefined;
  }

  /** Brings the file's indexes up to the newest entry. */
  private index(): void {
    if (this.tailIndex.size === 0) return;
    const { ids, audiences } = this.tailIndex.rows();
    const { putDedup, putAudience } = this.store.statements;
    try {
      this.store.transaction(() => {
        for (const { event, seq, at, fingerprint } of ids) putDedup.run(event.source, event.id, seq, at, fingerprint);
        for (const [audience, seqs] of audiences) {
          const { last, distances } = packSeqs(seqs);
          putAudience.run(audience, last, distances);
        }
        this.store.putMeta('indexed_to', this.lastSeq);
      });
      this.tailIndex.clear();
    } catch (error) {
      // Nothing is lost: the tail stays in memory, and is tried again with the next entries.
      this.logger.error(`the journal could not be indexed: ${String(error)}`);
    }
  }

  /**
   * The machine went down while the file was open: without `full`, its last entries may be gone, and their numbers
   * would be given out again. That is another life of the journal.
   */
  private lostWithPower(): boolean {
    const boot = this.store.meta('open_since_boot') ?? '';
    return this.options.sync === 'normal' && boot !== '' && boot !== bootId();
  }

  /** What was appended after the last indexing, before the process was killed. */
  private recoverTail(): void {
    const indexedTo = Number(this.store.meta('indexed_to') ?? 0);
    for (const row of this.store.statements.unindexed.all(indexedTo)) {
      const { seq, at, fingerprint } = row as unknown as Known;
      const { event } = this.reader.entry(row);
      this.tailIndex.add({ key: idKey(event), seq, at, fingerprint, event, unique: false });
    }
  }

  /** For followers: a failure is waited out, and no reason to end. */
  private async readPatiently(query: ReadQuery, signal: AbortSignal): Promise<ReadResult | undefined> {
    try {
      return this.reader.read(query);
    } catch (error) {
      this.logger.error(`the journal could not be read: ${String(error)}`);
      await sleep(1_000, undefined, { signal }).catch(() => undefined);
      return undefined;
    }
  }

  private async trimRegularly(): Promise<void> {
    if (this.trimming) return;
    this.trimming = true;
    try {
      await this.trim();
    } catch (error) {
      this.logger.error(`the journal could not be trimmed: ${String(error)}`);
    } finally {
      this.trimming = false;
    }
  }

  private position(seq: number): Position {
    return { epoch: this.epoch, seq };
  }
}

/** Indexes whose id stands for another content, in the journal or earlier in the same append. */
function conflicting(
  inputs: readonly JournalInput[],
  keys: readonly string[],
  known: readonly (Known | undefined)[],
): number[] {
  const within = new Map<string, string>();
  return inputs.flatMap(({ fingerprint }, index) => {
    const key = keys[index] as string;
    const earlier = known[index]?.fingerprint ?? within.get(key);
    within.set(key, earlier ?? fingerprint);
    return earlier === undefined || earlier === fingerprint ? [] : [index];
  });
}
