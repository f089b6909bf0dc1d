import type { Audience, CanonicalEvent } from '@lib/events';
import type { Position } from './position.js';

/**
 * The durable, ordered log of events: the only way into delivery.
 *
 * - **Order.** Positions are totally ordered, without gaps: whoever reads after position p sees every event
 *   after p, in that order. The events of one `append` stand together, in the order given.
 * - **Durability.** `append` resolves when the events survive the death of this process (and, by the
 *   implementation's setting, of the machine). An append that rejects has kept nothing of its events, unless
 *   the answer itself was lost on the way: the caller may always send again, and is deduplicated.
 * - **Idempotency.** `(source, id)` names an event for the dedup window. Appended again with the same
 *   fingerprint, it is not kept again: its first position is returned, marked `duplicate`. With another
 *   fingerprint it is a conflict, and nothing of that append is kept.
 * - **Retention.** By age and by count, oldest first. What reads from a trimmed place is told so.
 *
 * An implementation owns its connections and files, and every one passes `journal.conformance.ts`.
 */
export interface Journal {
  /** Rejects with `OmsError` `unavailable` where the journal cannot take events now: nothing is acknowledged then. */
  append(inputs: readonly JournalInput[]): Promise<AppendResult>;

  /**
   * At most `limit` entries after `after`; with `audiences`, only those addressed to at least one of them.
   * The cost grows with what is returned, not with the length of the journal.
   */
  read(query: ReadQuery): Promise<ReadResult>;

  /** The position of the newest event; `seq` 0 in an empty journal. */
  tail(): Promise<Position>;

  /**
   * Every entry after `after`, in batches, as they come; for ever, until `signal` aborts. After a failure
   * it goes on from its own position, with backoff. A gap is yielded, and reading goes on from the tail.
   */
  follow(options: { after: Position; signal: AbortSignal }): AsyncIterable<ReadResult>;

  close(): Promise<void>;
}

export interface JournalInput {
  event: CanonicalEvent;
  /** What two sendings of the same event have in common; see `fingerprint` in `@lib/events`. */
  fingerprint: string;
  /** The id was made for this append: nobody has sent it before or can send it again, so it need not be remembered. */
  unique?: boolean;
}

export type AppendResult =
  | { ok: true; appended: readonly Appended[] }
  /** Indexes of the inputs whose `(source, id)` stands for another content. Nothing was kept. */
  | { ok: false; conflicts: readonly number[] };

export interface Appended {
  position: Position;
  duplicate: boolean;
}

export interface JournalEntry {
  position: Position;
  /** Roughly the bytes of the event, for whoever keeps entries in memory. */
  size: number;
  event: CanonicalEvent;
}

export interface ReadQuery {
  after: Position;
  audiences?: readonly Audience[];
  limit: number;
  /** With `audiences`: events are loaded until they have so many bytes, one at least; the others are only counted. */
  bytes?: number;
}

export type ReadResult =
  /**
   * `upTo`: nothing was left out up to here. The tail, unless `limit` or `bytes` cut the answer off at its last
   * entry. `more`: entries within `limit` that `bytes` left out; absent where there are none.
   */
  | { ok: true; entries: readonly JournalEntry[]; upTo: Position; more?: number }
  /** `trimmed`: entries after `after` are gone. `epoch`: `after` is from another life of the journal. */
  | { ok: false; gap: GapReason; tail: Position };

export type GapReason = 'trimmed' | 'epoch';

export interface Retention {
  /** Milliseconds that an entry is kept. */
  maxAge: number;
  /** Entries that are kept. */
  maxCount: number;
}

/** Milliseconds: 24 hours. */
export const DEFAULT_DEDUP_WINDOW = 86_400_000;

/** Seven days, one million entries. */
export const DEFAULT_RETENTION: Retention = { maxAge: 604_800_000, maxCount: 1_000_000 };
