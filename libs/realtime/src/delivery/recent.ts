import type { RenderedEntry } from './rendered-entry.js';

/** Entries kept, and bytes of their events. */
const MAX_ENTRIES = 2_048;
const MAX_BYTES = 33_554_432;

/** The newest entries that were delivered, in memory: what a client that was away briefly is replayed from. */
export class Recent {
  /** Those before `start` are gone. */
  private entries: (RenderedEntry | undefined)[] = [];
  private bytes = 0;
  private start = 0;

  add(rendered: RenderedEntry): void {
    this.entries.push(rendered);
    this.bytes += rendered.entry.size;
    while (this.entries.length - this.start > MAX_ENTRIES || this.bytes > MAX_BYTES) {
      this.bytes -= this.entries[this.start]?.entry.size ?? 0;
      this.entries[this.start++] = undefined;
    }
    // Moving the rest down costs as much as it is long: done rarely, it is cheap for each entry.
    if (this.start > MAX_ENTRIES) {
      this.entries = this.entries.slice(this.start);
      this.start = 0;
    }
  }

  /** Every entry after `seq`, where all of them are still here. */
  since(seq: number): readonly RenderedEntry[] | undefined {
    const first = this.entries[this.start];
    if (!first || seq < first.seq - 1) return undefined;
    return this.entries.slice(this.start + seq - first.seq + 1) as RenderedEntry[];
  }

  clear(): void {
    this.entries = [];
    this.bytes = 0;
    this.start = 0;
  }
}
