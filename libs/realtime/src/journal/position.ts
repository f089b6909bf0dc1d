/**
 * A place in the journal. Outside this file it is one opaque string: `<epoch>-<seq>` names an event with
 * all its deliveries, `<epoch>-<seq>.<part>` one delivery of it, counted from 0 in the contract's order.
 */
export interface Position {
  /** Names one life of a journal, so that a position from another is never mistaken for a continued one. */
  epoch: string;
  /** Counts events from 1; 0 is the beginning, before any event. */
  seq: number;
  /** The delivery of the event, where a contract renders several. Absent: the whole event. */
  part?: number;
}

export function formatPosition({ epoch, seq, part }: Position): string {
  return part === undefined ? `${epoch}-${seq}` : `${epoch}-${seq}.${part}`;
}

/** `undefined` for a text that {@link formatPosition} cannot have made. */
export function parsePosition(text: unknown): Position | undefined {
  if (typeof text !== 'string') return undefined;
  const match = /^([a-z0-9]{6,32})-(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) return undefined;
  const [, epoch = '', seq, part] = match;
  return { epoch, seq: Number(seq), ...(part !== undefined && { part: Number(part) }) };
}

/** A name for a new life of a journal. */
export function newEpoch(): string {
  const random = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${Date.now().toString(36)}${random}`;
}
