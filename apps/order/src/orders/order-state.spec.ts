import { describe, expect, it } from '@jest/globals';
import { canMove, ORDER_STATUSES, stockDueAt, type OrderStatus } from './order-state.js';

const ALLOWED: [OrderStatus, OrderStatus][] = [
  ['PENDING', 'CONFIRMED'],
  ['CONFIRMED', 'PROCESSING'],
  ['PROCESSING', 'SHIPPED'],
  ['SHIPPED', 'DELIVERED'],
  ['DELIVERED', 'RETURNED'],
  ['PENDING', 'CANCELLED'],
  ['CONFIRMED', 'CANCELLED'],
  ['PROCESSING', 'CANCELLED'],
];

const PAIRS = ORDER_STATUSES.flatMap((from) => ORDER_STATUSES.map((to): [OrderStatus, OrderStatus] => [from, to]));

describe('the states of an order', () => {
  it.each(PAIRS)('%s to %s', (from, to) => {
    expect(canMove(from, to)).toBe(ALLOWED.some(([a, b]) => a === from && b === to));
  });

  it('tells inventory of each order once at most: it is shipped or cancelled, never both', () => {
    expect(ORDER_STATUSES.filter((status) => stockDueAt(status))).toEqual(['SHIPPED', 'CANCELLED']);
    const reached = new Set<OrderStatus>(['SHIPPED']);
    // A set's iteration also visits what is added on the way.
    for (const from of reached) {
      for (const to of ORDER_STATUSES) if (canMove(from, to)) reached.add(to);
    }
    expect([...reached]).not.toContain('CANCELLED');
    expect(ORDER_STATUSES.filter((to) => canMove('CANCELLED', to))).toEqual([]);
  });
});
