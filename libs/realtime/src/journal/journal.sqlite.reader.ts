import type { Audience } from '@lib/events';
import type { GapReason, JournalEntry, ReadQuery, ReadResult } from './journal.js';
import { unpackSeqs } from './journal.sqlite.postings.js';
import type { SqliteStore } from './journal.sqlite.store.js';
import type { UnindexedTail } from './journal.sqlite.tail.js';
import type { Position } from './position.js';

/** Reads a SQLite journal: its file, and what of it only the tail in memory knows how to find. */
export class SqliteReader {
  constructor(
    private readonly store: SqliteStore,
    private readonly tailIndex: UnindexedTail,
    private readonly epoch: string,
    /** What the journal holds now: the entries after `trimmedTo`, up to `lastSeq`. */
    private readonly bounds: () => { trimmedTo: number; lastSeq: number },
  ) {}

  read({ after, audiences, limit, bytes = Infinity }: ReadQuery): ReadResult {
    const { lastSeq, trimmedTo } = this.bounds();
    const gap = this.gap(after, lastSeq, trimmedTo);
    if (gap) return { ok: false, gap, tail: this.position(lastSeq) };
    const seqs = audiences && this.addressed(after.seq, audiences, limit);
    const entries = seqs ? this.load(seqs, bytes) : this.readAll(after.seq, limit);
    const more = (seqs ?? entries).length - entries.length;
    const last = more > 0 || entries.length === limit ? entries.at(-1) : undefined;
    return { ok: true, entries, upTo: last?.position ?? this.position(lastSeq), ...(more > 0 && { more }) };
  }

  private readAll(after: number, limit: number): JournalEntry[] {
    return this.store.statements.read.all(after, limit).map((row) => this.entry(row));
  }

  /** Each audience gives its first `limit` from the index, so that a long history costs nothing. */
  private addressed(after: number, audiences: readonly Audience[], limit: number): number[] {
    const { readAudience } = this.store.statements;
    const seqs = new Set<number>();
    for (const audience of new Set(audiences)) {
      let found = 0;
      for (const row of readAudience.iterate(audience, after)) {
        const { last_seq: last, distances } = row as { last_seq: number; distances: Uint8Array };
        const page = unpackSeqs(last, distances, after, limit - found);
        for (const seq of page) seqs.add(seq);
        found += page.length;
        if (found >= limit) break;
      }
      for (const seq of this.tailIndex.addressedTo(audience, after, limit)) seqs.add(seq);
    }
    return [...seqs].sort((one, other) => one - other).slice(0, limit);
  }

  private load(seqs: readonly number[], bytes: number): JournalEntry[] {
    const entries: JournalEntry[] = [];
    let size = 0;
    for (const seq of seqs) {
      if (size >= bytes) break;
      const entry = this.entry(this.store.statements.get.get(seq) as Record<string, unknown>);
      entries.push(entry);
      size += entry.size;
    }
    return entries;
  }

  private gap(after: Position, lastSeq: number, trimmedTo: number): GapReason | undefined {
    // Beyond the tail: the file was put back to an older state, so it is another life in all but name.
    if (after.epoch !== this.epoch || after.seq > lastSeq) return 'epoch';
    return after.seq < trimmedTo ? 'trimmed' : undefined;
  }

  /** An entry as its row holds it. */
  entry(row: Record<string, unknown>): JournalEntry {
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
}
