import type { CanonicalEvent } from '@lib/events';
import type { SqlEntityManager } from '@mikro-orm/sql';

/** One waiting event. */
export interface OutboxRow {
  id: number;
  event: CanonicalEvent;
}

/** What became of rows; of the others nothing is known, and they go on waiting. */
export interface Settled {
  published: number[];
  refused: { id: number; reason: string }[];
}

/**
 * The rows of an outbox, in the order in which they were written.
 *
 * {@link take} hands the oldest waiting rows to `work`, and then writes down what became of them. While `work` runs no
 * other process is handed a row of the same partition key, so that the order within a key holds however many relays
 * there are. A process that dies in between leaves its rows waiting: they are handed out again.
 */
export interface OutboxQueue {
  /** False where no row was free. */
  take(limit: number, work: (rows: readonly OutboxRow[]) => Promise<Settled>): Promise<boolean>;
}

/** Bytes of the events of one batch: half of what the gateway reads, for JSON may be spelt longer on the way. */
const MAX_BYTES = 524_288;

/** From a result set: as many as fit, at least one. */
export function toRows(found: readonly { id: unknown; event: string }[]): OutboxRow[] {
  let bytes = 0;
  const rows: OutboxRow[] = [];
  for (const { id, event } of found) {
    bytes += Buffer.byteLength(event);
    if (rows.length > 0 && bytes > MAX_BYTES) break;
    rows.push({ id: Number(id), event: JSON.parse(event) as CanonicalEvent });
  }
  return rows;
}

export async function settle(em: SqlEntityManager, { published, refused }: Settled): Promise<void> {
  if (published.length > 0) {
    await em.execute(`delete from outbox where id in (${places(published)})`, published, 'run');
  }
  for (const { id, reason } of refused) {
    await em.execute('update outbox set failed_at = ?, reason = ? where id = ?', [Date.now(), reason, id], 'run');
  }
}

export function places(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
