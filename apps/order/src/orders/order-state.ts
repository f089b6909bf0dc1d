/** What an order's owner and staff see of it. */
export const ORDER_STATUSES = [
  'PENDING',
  'CONFIRMED',
  'PROCESSING',
  'SHIPPED',
  'DELIVERED',
  'RETURNED',
  'CANCELLED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PENDING: ['CONFIRMED', 'CANCELLED'],
  CONFIRMED: ['PROCESSING', 'CANCELLED'],
  PROCESSING: ['SHIPPED', 'CANCELLED'],
  SHIPPED: ['DELIVERED'],
  DELIVERED: ['RETURNED'],
  RETURNED: [],
  CANCELLED: [],
};

/** Whether an order may go from one status to the other. To stay as it is is no transition. */
export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return NEXT[from].includes(to);
}

/** What inventory has to be told of the reserved pieces when an order comes to a status. */
export type StockDue = 'RELEASE' | 'COMMIT';

export function stockDueAt(status: OrderStatus): StockDue | null {
  if (status === 'CANCELLED') return 'RELEASE';
  return status === 'SHIPPED' ? 'COMMIT' : null;
}
