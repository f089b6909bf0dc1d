import { EventEmitter } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import { parseEvent, type CanonicalEvent, type EventInput } from '@lib/events';
import type { EventSubscriber, TransactionEventArgs } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { OUTBOX_OPTIONS, type OutboxOptions } from './options.js';

/** What waits to be published. */
export interface OutboxMetrics {
  /** Rows. */
  waiting: number;
  /** Milliseconds since the oldest of them was written; 0 where none waits. */
  oldestMs: number;
  /** Rows that were refused for good, and are kept with the reason. */
  failed: number;
}

/**
 * Events that commit with what they tell of: both are there, or neither. A relay publishes them soon after, for as
 * long as it takes, at least once; the journal knows a repetition by source and id, so it counts once.
 *
 * Events of one entity (one `partitionkey`) are published in the order of their {@link add}, provided that whoever
 * adds one has written the entity's row before, in the same transaction: that row's lock is what puts two
 * transactions of one entity in a line.
 */
@Injectable()
export class Outbox implements EventSubscriber {
  private readonly source: string;
  private readonly written = new WeakSet<object>();
  private readonly commits = new EventEmitter<{ commit: [] }>();

  constructor(
    private readonly em: SqlEntityManager,
    @Inject(OUTBOX_OPTIONS) { service }: OutboxOptions,
  ) {
    this.source = `/services/${service}`;
    em.getEventManager().registerSubscriber(this);
  }

  /**
   * Writes events in the transaction of `em`, and answers them as they will be published. Throws what `parseEvent`
   * throws: what the catalogue does not know must not commit.
   */
  async add(em: SqlEntityManager, ...inputs: readonly EventInput[]): Promise<CanonicalEvent[]> {
    if (!em.isInTransaction()) throw new TypeError('An event goes into the outbox in the transaction it tells of');
    const events = inputs.map((input) => parseEvent(input, { source: this.source }));
    if (events.length === 0) return [];
    const now = Date.now();
    await em.execute(
      `insert into outbox (partition_key, event, created_at) values ${events.map(() => '(?, ?, ?)').join(', ')}`,
      events.flatMap((event) => [event.partitionkey, JSON.stringify(event), now]),
      'run',
    );
    this.written.add(em);
    return events;
  }

  async metrics(): Promise<OutboxMetrics> {
    const em = this.em.fork();
    const [waiting] = await em.execute<{ count: unknown; oldest: unknown }[]>(
      'select count(*) as count, min(created_at) as oldest from outbox where failed_at is null',
    );
    const [failed] = await em.execute<{ count: unknown }[]>(
      'select count(*) as count from outbox where failed_at is not null',
    );
    const count = Number(waiting?.count);
    return {
      waiting: count,
      oldestMs: count === 0 ? 0 : Math.max(0, Date.now() - Number(waiting?.oldest)),
      failed: Number(failed?.count),
    };
  }

  /** Calls `wake` after each commit of this process that brought events. */
  onCommit(wake: () => void): void {
    this.commits.on('commit', wake);
  }

  /** Called by MikroORM, for whatever transaction. */
  afterTransactionCommit({ em }: TransactionEventArgs): void {
    if (this.written.delete(em)) this.commits.emit('commit');
  }
}
