import type { JournalEntry } from './journal.js';

/** Entries that wait for one follower; a slower one finds them in the journal. */
const CAPACITY = 4_096;

/** Where a journal of this process leaves fresh entries for a follower at its tail, which then need not be read again. */
export class Inbox {
  private entries: JournalEntry[] = [];
  private resolve: (() => void) | undefined;

  put(entries: readonly JournalEntry[]): void {
    if (this.entries.length + entries.length > CAPACITY) this.entries = [];
    else this.entries.push(...entries);
    this.wake();
  }

  /** Everything here, where it goes on without a gap from `seq`. */
  take(seq: number): readonly JournalEntry[] | undefined {
    const entries = this.entries.filter(({ position }) => position.seq > seq);
    this.entries = [];
    return entries[0]?.position.seq === seq + 1 ? entries : undefined;
  }

  /** Resolves when something was put, or on {@link wake}. */
  filled(): Promise<void> {
    return new Promise((resolve) => (this.resolve = resolve));
  }

  readonly wake = (): void => {
    this.resolve?.();
    this.resolve = undefined;
  };
}
