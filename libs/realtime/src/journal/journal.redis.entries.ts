import type { Audience } from '@lib/events';
import { toUSVString } from 'node:util';
import type { JournalEntry } from './journal.js';

/** An entry of the stream as the client gives it: its id, then names and values of its fields. */
export type RawEntry = [id: string, fields: [h: string, header: string, e: string, event: string]];

/** The id of an entry of the stream. */
export function seqId(seq: number): string {
  return `${seq}-0`;
}

/** Entries of this life of the journal; those of an earlier one are left out. */
export function readEntries(raw: readonly RawEntry[], epoch: string): JournalEntry[] {
  const mine = `${epoch} `;
  const entries: JournalEntry[] = [];
  for (const [id, [, header, , event]] of raw) {
    if (!header.startsWith(mine)) continue;
    const position = { epoch, seq: parseInt(id, 10) };
    entries.push({ position, size: event.length, event: JSON.parse(event) as JournalEntry['event'] });
  }
  return entries;
}

/** The audience as part of a key. UTF-8 cannot write half a surrogate pair, JSON can; no audience begins with a quote. */
export function indexName(audience: Audience): string {
  return toUSVString(audience) === audience ? audience : JSON.stringify(audience);
}
