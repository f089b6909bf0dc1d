import { createHash, randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { Outbox } from '@lib/persistence';
import { toCents } from '@lib/service';
import type { FailedLine } from '@lib/stock-rpc';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { OrderNotices } from '../notices/order-notices.js';
import { InventoryStock } from '../stock/inventory-stock.js';
import { SettleService } from '../stock/settle.service.js';
import type { CreateOrderDto } from './order.dto.js';
import { Order, OrderItem, type StoredStatus } from './order.entity.js';
import { orderCreated } from './order-events.js';
import { toOrderView, type OrderView } from './order.view.js';

/** One wish to place an order. */
export interface Placement {
  userId: string;
  /** Makes a repeated request answer what the first one did. */
  idempotencyKey?: string | undefined;
  order: CreateOrderDto;
}

/**
 * Places an order: saves it as PLACING, reserves its stock, makes it PENDING. Each step is one conditional update
 * from PLACING, so whatever ends an order first (this, or the {@link SettleService} that finds it left behind) ends
 * it alone; and a crash anywhere leaves a row from which the rest can be told.
 */
@Injectable()
export class PlaceService {
  private readonly logger = new Logger(PlaceService.name);

  constructor(
    private readonly em: SqlEntityManager,
    private readonly stock: InventoryStock,
    private readonly settle: SettleService,
    private readonly outbox: Outbox,
    private readonly notices: OrderNotices,
  ) {}

  /**
   * Throws `insufficient_stock` with `details.lines`, `unavailable` where inventory gave no answer, and for an
   * idempotency key `idempotency_conflict` (another body) or `conflict` (the first request is still under way).
   */
  async place(placement: Placement): Promise<OrderView> {
    const requestHash = hashOf(placement.order);
    const earlier = await this.earlier(placement);
    if (earlier) return this.repeat(earlier, requestHash);

    const saved = await this.save(placement, requestHash);
    if (!saved) {
      // The same key came in twice at once, and the other was faster.
      const other = await this.earlier(placement);
      if (other) return this.repeat(other, requestHash);
      throw new OmsError('conflict');
    }
    await this.reserve(saved, placement.order);
    const view = await this.viewAsPlaced(saved);
    this.notices.created(view);
    return view;
  }

  private async save(placement: Placement, requestHash: string): Promise<Order | undefined> {
    const { userId, idempotencyKey, order } = placement;
    const items = order.items.map(({ productId, quantity, price }) => ({
      productId,
      quantity,
      priceCents: toCents(price),
    }));
    const now = new Date();
    try {
      return await this.em.fork().transactional(async (em) => {
        const saved = em.create(Order, {
          userId,
          addressId: String(order.addressId),
          totalCents: items.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0),
          reservationId: randomUUID(),
          idempotencyKey: idempotencyKey ?? null,
          requestHash,
          createdAt: now,
          updatedAt: now,
        });
        await em.flush();
        for (const [position, item] of items.entries()) em.create(OrderItem, { orderId: saved.id, position, ...item });
        return saved;
      });
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException) return undefined;
      throw error;
    }
  }

  private async reserve(order: Order, { items }: CreateOrderDto): Promise<void> {
    const lines = items.map(({ productId, quantity }) => ({ productId, quantity }));
    let failed: readonly FailedLine[];
    try {
      failed = await this.stock.reserve(order.reservationId, lines);
    } catch (error) {
      this.logger.warn(`order ${order.id} could not reserve its stock: ${String(error)}`);
      // Whether it did is not known, so it is released in any case. The key is free again: a retry is a new attempt.
      if (await this.end(order, 'REFUSED', { idempotencyKey: null, stockDue: 'RELEASE' })) this.settle.soon(order.id);
      throw new OmsError('unavailable', { cause: error });
    }
    if (failed.length > 0) {
      await this.end(order, 'REFUSED', { refusal: JSON.stringify(failed) });
      throw shortOf(failed);
    }
    // Taken for abandoned meanwhile, as this took too long: then its stock is being released.
    if (!(await this.end(order, 'PENDING', {}))) throw new OmsError('unavailable');
  }

  /** Ends the placing of an order, if it has not ended otherwise; from PENDING on it is an order, and told. */
  private async end(order: Order, status: StoredStatus, more: Partial<Order>): Promise<boolean> {
    return this.em.fork().transactional(async (em) => {
      const changes = { status, ...more, version: order.version + 1 };
      const updated = await em.nativeUpdate(Order, { id: order.id, status: 'PLACING' }, changes);
      if (updated === 1 && status === 'PENDING') await this.outbox.add(em, orderCreated(order));
      return updated === 1;
    });
  }

  private async earlier({ userId, idempotencyKey }: Placement): Promise<Order | null> {
    if (idempotencyKey === undefined) return null;
    return this.em.fork().findOne(Order, { userId, idempotencyKey });
  }

  private async repeat(first: Order, requestHash: string): Promise<OrderView> {
    if (first.requestHash !== requestHash) throw new OmsError('idempotency_conflict');
    if (first.status === 'PLACING') {
      throw new OmsError('conflict', { message: 'The first request with this key is still under way' });
    }
    if (first.refusal !== null) throw shortOf(JSON.parse(first.refusal) as FailedLine[]);
    return this.viewAsPlaced(first);
  }

  /** The order as it was when it was placed, whatever has become of it. */
  private async viewAsPlaced(order: Order): Promise<OrderView> {
    const view = toOrderView(order, await this.em.fork().find(OrderItem, { orderId: order.id }));
    return { ...view, status: 'PENDING', updatedAt: view.createdAt };
  }
}

function shortOf(lines: readonly FailedLine[]): OmsError {
  return new OmsError('insufficient_stock', { details: { lines } });
}

/** Two requests ask for the same if this is the same, whatever the order of their JSON keys. */
function hashOf({ addressId, items }: CreateOrderDto): string {
  const wish = [addressId, items.map(({ productId, quantity, price }) => [productId, quantity, price])];
  return createHash('sha256').update(JSON.stringify(wish)).digest('hex');
}
