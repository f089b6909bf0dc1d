import { stockAlert, type EventInput } from '@lib/events';
import type { StockChange } from './stock-change.js';

/** What is told of a change of what can be ordered: the change, and the alert that it gives rise to, if any. */
export function stockEvents(change: StockChange, reason?: string): EventInput[] {
  const { productId, productName, currentQuantity: quantity, previousQuantity } = change;
  if (quantity === previousQuantity) return [];
  const changed = { productId, productName, quantity, previousQuantity, reason };
  return [{ type: 'inventory.changed', data: changed }, ...alerts(change)];
}

/** Pieces set aside for an order, or given back: the change, then the movement. */
export function movementEvents(change: StockChange, type: 'inventory.reserved' | 'inventory.released'): EventInput[] {
  const { productId, currentQuantity, previousQuantity } = change;
  const quantity = Math.abs(currentQuantity - previousQuantity);
  // Not the order's id: inventory knows reservations, by names of their own.
  return [...stockEvents(change), { type, data: { productId, quantity } }];
}

function alerts(change: StockChange): EventInput[] {
  const { productId, productName, currentQuantity: quantity, previousQuantity, threshold } = change;
  const data = { productId, productName, previousQuantity, threshold };
  switch (stockAlert({ quantity, previousQuantity, threshold })) {
    case 'out_of_stock':
      return [{ type: 'inventory.out_of_stock', data }];
    case 'low_stock':
      return [{ type: 'inventory.low_stock', data: { ...data, quantity } }];
    case 'restocked':
      return [{ type: 'inventory.restocked', data: { ...data, quantity } }];
    case undefined:
      return [];
  }
}
