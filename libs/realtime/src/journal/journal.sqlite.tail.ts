import type { Audience, CanonicalEvent } from '@lib/events';

/** What is remembered of an id that was appended. */
export interface Known {
  seq: number;
  /** Milliseconds since the epoch at which it was appended. */
  at: number;
  fingerprint: string;
}

export interface Kept extends Known {
  /** The {@link idKey} of the event. */
  key: string;
  /** Its id cannot come again: it needs no place among the ids. */
  unique: boolean;
  event: Pick<CanonicalEvent, 'source' | 'id' | 'audiences'>;
}

/** Tells `(source, id)` pairs apart, whatever characters are in them. */
export const idKey = ({ source, id }: Pick<CanonicalEvent, 'source' | 'id'>): string =>
  `${source.length}:${source}${id}`;

/**
 * The newest entries, which the file's indexes do not have yet. An index row goes to a random page, and a
 * commit writes whole pages: put in by the thousand and in order, the rows share pages and cost a fraction.
 * After a crash this is read back from the entries themselves.
 */
export class UnindexedTail {
  private readonly ids = new Map<string, Known>();
  private readonly audiences = new Map<Audience, number[]>();
  private entries: Kept[] = [];

  get size(): number {
    return this.entries.length;
  }

  add(kept: Kept): void {
    this.entries.push(kept);
    if (!kept.unique) this.ids.set(kept.key, kept);
    for (const audience of kept.event.audiences) {
      const seqs = this.audiences.get(audience);
      if (!seqs) this.audiences.set(audience, [kept.seq]);
      else if (seqs.at(-1) !== kept.seq) seqs.push(kept.seq);
    }
  }

  known(key: string): Known | undefined {
    return this.ids.get(key);
  }

  /** The first `limit` entries after `seq` that are addressed to the audience. */
  addressedTo(audience: Audience, seq: number, limit: number): readonly number[] {
    const seqs = this.audiences.get(audience) ?? [];
    const first = seqs.findIndex((one) => one > seq);
    return first < 0 ? [] : seqs.slice(first, first + limit);
  }

  /** The rows for the indexes, in the order of the indexes. */
  rows(): { ids: readonly Kept[]; audiences: readonly (readonly [Audience, readonly number[]])[] } {
    return {
      ids: this.entries.filter(({ unique }) => !unique).sort((one, other) => compare(one.key, other.key)),
      audiences: [...this.audiences].toSorted(([one], [other]) => compare(one, other)),
    };
  }

  clear(): void {
    this.ids.clear();
    this.audiences.clear();
    this.entries = [];
  }
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
