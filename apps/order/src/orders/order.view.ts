import { fromCents, type Page } from '@lib/service';
import type { Order, OrderItem, StoredStatus } from './order.entity.js';

/** An order as it is answered. */
export interface OrderView {
  id: number;
  /** The number people read on it. */
  aliasId: string;
  userId: number | string;
  addressId: number | string;
  status: StoredStatus;
  /** In whole units of the currency, two decimals; so are the prices. */
  totalAmount: number;
  items: { productId: number; quantity: number; price: number }[];
  /** ISO 8601, UTC; so is `updatedAt`. */
  createdAt: string;
  updatedAt: string;
}

export interface OrderPage extends Page {
  orders: OrderView[];
}

/** The number people read on an order. */
export function aliasOf(id: number): string {
  return `ORDER-${id}`;
}

export function toOrderView(order: Order, items: readonly OrderItem[]): OrderView {
  return {
    id: order.id,
    aliasId: aliasOf(order.id),
    userId: jsonId(order.userId),
    addressId: jsonId(order.addressId),
    status: order.status,
    totalAmount: fromCents(order.totalCents),
    items: items
      .filter(({ orderId }) => orderId === order.id)
      .toSorted((a, b) => a.position - b.position)
      .map(({ productId, quantity, priceCents }) => ({ productId, quantity, price: fromCents(priceCents) })),
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
}

/** As a number where it is one and no digit is lost by it; ids of other systems are strings. */
function jsonId(id: string): number | string {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id;
}
