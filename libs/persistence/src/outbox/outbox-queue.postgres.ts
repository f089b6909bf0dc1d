import type { SqlEntityManager } from '@mikro-orm/sql';
import { places, settle, toRows, type OutboxQueue, type OutboxRow, type Settled } from './outbox-queue.js';

/** How far from the oldest row keys are looked for: bounds the search where one key has a long backlog. */
const WINDOW = 5_000;

/**
 * Several relays at once: the oldest row of a key is the key's lock. A relay locks the oldest rows that nobody has
 * (`for update skip locked`), and with each it owns all rows of that key, until its transaction ends; it ends also with
 * the process. Whoever looks meanwhile finds the same row the oldest, and locked, and leaves the key alone.
 *
 * Who looked just before the owner deleted that row is not fooled either: under READ COMMITTED a locked row is read
 * anew, and what is gone (or set aside: the last condition) is skipped.
 */
export class PostgresOutboxQueue implements OutboxQueue {
  constructor(private readonly em: SqlEntityManager) {}

  take(limit: number, work: (rows: readonly OutboxRow[]) => Promise<Settled>): Promise<boolean> {
    return this.em.fork().transactional(async (em) => {
      const heads = await em.execute<{ partition_key: string }[]>(
        `select partition_key from outbox
          where id in (
            select min(id) from (
              select id, partition_key from outbox where failed_at is null order by id limit ${WINDOW}
            ) oldest group by partition_key
          ) and failed_at is null
          order by id limit ? for update skip locked`,
        [limit],
      );
      if (heads.length === 0) return false;
      const keys = heads.map((head) => head.partition_key);
      const found = await em.execute<{ id: unknown; event: string }[]>(
        `select id, event from outbox
          where failed_at is null and partition_key in (${places(keys)}) order by id limit ?`,
        [...keys, limit],
      );
      await settle(em, await work(toRows(found)));
      return true;
    });
  }
}
