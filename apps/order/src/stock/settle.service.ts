import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { BackgroundWork } from '@lib/service';
import { STOCK_RPC_TIMEOUT_MS } from '@lib/stock-rpc';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Order } from '../orders/order.entity.js';
import { InventoryStock } from './inventory-stock.js';

/** Milliseconds between two looks for what is left to do; doubled while inventory is away, up to the second. */
const INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 15_000;
/** Milliseconds after which an order that is still PLACING is taken for left behind. */
const ABANDONED_AFTER_MS = 10 * STOCK_RPC_TIMEOUT_MS;
const BATCH = 100;

/**
 * Tells inventory what has become of reserved stock, until it knows. What is to be told stands in the order's row
 * (`stockDue`), written with the status it follows from, so neither a crash here nor inventory's absence loses it.
 * It also gives up orders whose placing was cut short.
 */
@Injectable()
export class SettleService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SettleService.name);
  private readonly stopped = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly em: SqlEntityManager,
    private readonly stock: InventoryStock,
    private readonly background: BackgroundWork,
  ) {}

  /**
   * Whatever is PLACING now was left behind by a crash; or another process of this service is at it, whose caller
   * is then told to try again.
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.giveUpPlacedBefore(new Date());
    this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    await this.loop;
  }

  /** Tries at once, in the background; where that fails the regular look tries again. */
  soon(id: number): void {
    this.background.run(`stock:${id}`, async () => {
      const order = await this.em.fork().findOne(Order, { id });
      if (order) await this.settle(order);
    });
  }

  private async run(): Promise<void> {
    let interval = INTERVAL_MS;
    while (!this.stopped.signal.aborted) {
      const done = await this.look().catch((error: unknown) => {
        this.logger.error(`orders could not be settled: ${String(error)}`);
        return false;
      });
      interval = done ? INTERVAL_MS : Math.min(interval * 2, MAX_INTERVAL_MS);
      await delay(interval, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  /** Whether everything could be told. */
  private async look(): Promise<boolean> {
    await this.giveUpPlacedBefore(new Date(Date.now() - ABANDONED_AFTER_MS));
    const due = await this.em.fork().find(Order, { stockDue: { $ne: null } }, { orderBy: { id: 'asc' }, limit: BATCH });
    for (const order of due) {
      if (this.stopped.signal.aborted || !(await this.settle(order))) return false;
    }
    return true;
  }

  /** False where inventory did not answer. */
  private async settle(order: Order): Promise<boolean> {
    const { id, reservationId, stockDue } = order;
    if (stockDue === null) return true;
    try {
      await (stockDue === 'RELEASE' ? this.stock.release(reservationId) : this.stock.commit(reservationId));
    } catch (error) {
      if (error instanceof OmsError && error.code === 'unavailable') {
        this.logger.warn(`inventory could not be told to ${stockDue} the stock of order ${id}; trying again`);
        return false;
      }
      // It contradicts what inventory knows; asking again would get the same answer for ever.
      this.logger.error(`inventory refuses to ${stockDue} the stock of order ${id}: ${String(error)}`);
    }
    await this.em.fork().nativeUpdate(Order, { id, stockDue }, { stockDue: null });
    return true;
  }

  private async giveUpPlacedBefore(moment: Date): Promise<void> {
    const given = await this.em
      .fork()
      .nativeUpdate(
        Order,
        { status: 'PLACING', createdAt: { $lte: moment } },
        { status: 'REFUSED', stockDue: 'RELEASE', idempotencyKey: null },
      );
    if (given > 0) this.logger.warn(`${given} orders were left half-placed and are given up`);
  }
}
