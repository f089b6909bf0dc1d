import type { Audience } from '@lib/events';
import { toUSVString } from 'node:util';
import type { JournalEntry } from './journal.js';

/** An entry of the stream as the client gives it: its id, then names and values of its fields. */
export type RawEntry = [id: string, fields: [h: string, header: string, e: string, event: string]];

/** The id of an entry of the stream. */
export function seqId(seq: number): string {
  return `${seq}-0`;
}

/** Entries of this life of the journal; those of another one are left out. */
export function streamEntries(epoch: string, raw: readonly RawEntry[]): JournalEntry[] {
  const mine = `${epoch} `;
  return raw
    .filter(([, [, header]]) => header.startsWith(mine))
    .map(([id, [, , , event]]) => entry(epoch, parseInt(id, 10), event));
}

/** Entries as the reading script gives them: number, event, number, event, ... */
export function foundEntries(epoch: string, found: readonly (number | string)[]): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let at = 0; at < found.length; at += 2) {
    entries.push(entry(epoch, Number(found[at]), String(found[at + 1])));
  }
  return entries;
}

/** The audience as part of a key. UTF-8 cannot write half a surrogate pair, JSON can; no audience begins with a quote. */
export function indexName(audience: Audience): string {
  return toUSVString(audience) === audience ? audience : JSON.stringify(audience);
}

function entry(epoch: string, seq: number, event: string): JournalEntry {
  return { position: { epoch, seq }, size: event.length, event: JSON.parse(event) as JournalEntry['event'] };
}
