import { BigIntType, type Opt } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { OrderStatus, StockDue } from './order-state.js';

/**
 * Beside what users see there are two states of an order that is none (yet): PLACING, saved, its stock not known to
 * be reserved; and REFUSED, which is final. Such rows are never listed or read. A REFUSED one is kept, with the lines
 * that failed, as the answer to a repeated request and as a record of demand that could not be met.
 */
export type StoredStatus = OrderStatus | 'PLACING' | 'REFUSED';

@Entity({ tableName: 'orders' })
export class Order {
  @PrimaryKey({ type: 'integer' })
  id: number;

  @Property({ type: 'string' })
  userId: string;

  @Property({ type: 'string' })
  addressId: string;

  @Property({ type: 'string' })
  status: StoredStatus & Opt = 'PLACING';

  @Property({ type: new BigIntType('number') })
  totalCents: number;

  /** Grows with each change of status; a change applies only to the version it was decided on. */
  @Property({ type: 'integer' })
  version: number & Opt = 1;

  /** Names the reservation in inventory. Not the id: a database made anew counts from 1 again. */
  @Property({ type: 'string' })
  reservationId: string;

  /** Inventory has still to be told; `null` when there is nothing to tell (any more). */
  @Property({ type: 'string', nullable: true })
  stockDue: StockDue | null = null;

  /** JSON of the lines that failed. */
  @Property({ type: 'text', nullable: true })
  refusal: string | null = null;

  @Property({ type: 'string', nullable: true })
  idempotencyKey: string | null = null;

  @Property({ type: 'string' })
  requestHash: string;

  @Property({ type: 'datetime' })
  createdAt: Date;

  @Property({ type: 'datetime' })
  updatedAt: Date;
}

@Entity({ tableName: 'order_items' })
export class OrderItem {
  @PrimaryKey({ type: 'integer' })
  orderId: number;

  @PrimaryKey({ type: 'integer' })
  position: number;

  @Property({ type: 'integer' })
  productId: number;

  @Property({ type: 'integer' })
  quantity: number;

  @Property({ type: new BigIntType('number') })
  priceCents: number;
}
