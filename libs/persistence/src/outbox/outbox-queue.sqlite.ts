import type { SqlEntityManager } from '@mikro-orm/sql';
import { settle, toRows, type OutboxQueue, type OutboxRow, type Settled } from './outbox-queue.js';

/**
 * On the embedded database one process serves a service, and takes one batch after the other; so nothing is locked.
 * No transaction is open while `work` waits for the network: it would keep everyone else from the one connection.
 */
export class SqliteOutboxQueue implements OutboxQueue {
  constructor(private readonly em: SqlEntityManager) {}

  async take(limit: number, work: (rows: readonly OutboxRow[]) => Promise<Settled>): Promise<boolean> {
    const found = await this.em
      .fork()
      .execute<{ id: unknown; event: string }[]>(
        'select id, event from outbox where failed_at is null order by id limit ?',
        [limit],
      );
    if (found.length === 0) return false;
    const settled = await work(toRows(found));
    await this.em.fork().transactional((em) => settle(em, settled));
    return true;
  }
}
