import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { isRefusedForGood, type EventPublisher, type PublishFailure } from '@lib/events';
import { PostgreSqlPlatform } from '@mikro-orm/postgresql';
import { SqlEntityManager } from '@mikro-orm/sql';
import { backoff } from './backoff.js';
import { EVENT_PUBLISHER, OUTBOX_OPTIONS, type OutboxOptions } from './options.js';
import { PostgresOutboxQueue } from './outbox-queue.postgres.js';
import { SqliteOutboxQueue } from './outbox-queue.sqlite.js';
import type { OutboxQueue, OutboxRow, Settled } from './outbox-queue.js';
import { Outbox } from './outbox.js';

/** Milliseconds that a process which is asked to end goes on publishing what waits. The rest waits for the next one. */
const LAST_CHANCE_MS = 2_000;

/**
 * Publishes what the outbox holds: at once after a commit of this process, after a look every `pollMs` otherwise. A
 * failure that may pass is tried again for ever, ever more slowly; an event that is refused for good is set aside with
 * its reason, and what comes after it goes on.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Outbox');
  private readonly queue: OutboxQueue;
  private readonly stopped = new AbortController();
  private stopBy = Infinity;
  private loop: Promise<void> = Promise.resolve();
  private rowsCame = false;
  private endIdle: () => void = () => undefined;

  constructor(
    private readonly outbox: Outbox,
    em: SqlEntityManager,
    @Inject(OUTBOX_OPTIONS) private readonly options: OutboxOptions,
    @Inject(EVENT_PUBLISHER) private readonly publisher: EventPublisher,
  ) {
    const isPostgres = em.getPlatform() instanceof PostgreSqlPlatform;
    this.queue = isPostgres ? new PostgresOutboxQueue(em) : new SqliteOutboxQueue(em);
  }

  onApplicationBootstrap(): void {
    this.outbox.onCommit(() => this.wake());
    this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopBy = Date.now() + LAST_CHANCE_MS;
    this.stopped.abort();
    this.wake();
    await this.loop;
  }

  private wake(): void {
    this.rowsCame = true;
    this.endIdle();
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (Date.now() < this.stopBy) {
      this.rowsCame = false;
      const pass = await this.pass();
      if (pass.ok) {
        if (failures > 0) this.logger.log('events are published again');
        failures = 0;
        if (pass.more) continue;
      } else {
        if (failures === 0) this.logger.warn(`events wait in the outbox, trying again: ${pass.reason}`);
        failures += 1;
      }
      if (this.stopped.signal.aborted) return;
      await (failures > 0 ? this.sleep(backoff(failures)) : this.idle());
    }
  }

  /** One batch. */
  private async pass(): Promise<{ ok: true; more: boolean } | { ok: false; reason: string }> {
    const met: { failure?: PublishFailure | undefined } = {};
    try {
      const more = await this.queue.take(this.options.batch, async (rows) => {
        const settled: Settled = { published: [], refused: [] };
        met.failure = await this.publish(rows, settled);
        return settled;
      });
      return met.failure ? { ok: false, reason: met.failure.message } : { ok: true, more };
    } catch (error) {
      return { ok: false, reason: String(error) };
    }
  }

  /**
   * Publishes rows in their order. Where they are refused it halves them until the refused one is found. Returns the
   * first failure that may pass; what came before it is in `settled`.
   */
  private async publish(rows: readonly OutboxRow[], settled: Settled): Promise<PublishFailure | undefined> {
    const [first] = rows;
    if (!first) return undefined;
    const result = await this.publisher.publish(rows.map(({ event }) => event));
    if (result.ok) {
      settled.published.push(...rows.map(({ id }) => id));
      return undefined;
    }
    if (!isRefusedForGood(result)) return result;
    if (rows.length === 1) {
      const { id, type, subject } = first.event;
      this.logger.error(`event ${id} (${type} of ${subject}) is refused, and set aside: ${result.message}`);
      settled.refused.push({ id: first.id, reason: result.message });
      return undefined;
    }
    const middle = Math.ceil(rows.length / 2);
    return (await this.publish(rows.slice(0, middle), settled)) ?? (await this.publish(rows.slice(middle), settled));
  }

  /** Until something was committed, or it is time to look. */
  private async idle(): Promise<void> {
    if (this.rowsCame) return;
    const woken = new AbortController();
    this.endIdle = () => woken.abort();
    await this.sleep(this.options.pollMs, woken.signal);
  }

  private async sleep(milliseconds: number, signal: AbortSignal = this.stopped.signal): Promise<void> {
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
