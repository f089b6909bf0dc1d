import type { EventInput } from '@lib/events';
import { fromCents } from '@lib/service';
import type { Order } from './order.entity.js';
import type { OrderStatus } from './order-state.js';
import { aliasOf } from './order.view.js';

type Told = Pick<Order, 'id' | 'userId'>;

/** What is told of an order, in the transaction that makes it so. */
export function orderCreated(order: Told & Pick<Order, 'totalCents'>): EventInput {
  const data = { ...named(order), totalAmount: fromCents(order.totalCents), status: 'PENDING' };
  return { type: 'order.created', data };
}

/** `message` is shown to the order's owner. */
export function statusChanged(order: Told, from: OrderStatus, to: OrderStatus, message?: string): EventInput {
  const data = { ...named(order), previousStatus: from };
  if (to === 'CANCELLED') return { type: 'order.cancelled', data: { ...data, reason: message } };
  return { type: 'order.status_changed', data: { ...data, newStatus: to, message } };
}

function named({ id, userId }: Told) {
  return { orderId: id, aliasId: aliasOf(id), userId };
}
