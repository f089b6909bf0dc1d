import { OmsError } from '@lib/events';
import type { StockLine } from './stock-reservations.js';

const ORDER_ID = /^[\w.:-]{1,64}$/;
const MAX_LINES = 1_000;

export function validOrderId(orderId: string): string {
  if (!ORDER_ID.test(orderId)) throw invalid('order_id', 'must be 1 to 64 letters, digits, _ . : or -');
  return orderId;
}

/** One line per product, its quantities summed, in the order of the product ids. */
export function validLines(lines: readonly StockLine[]): StockLine[] {
  if (lines.length === 0 || lines.length > MAX_LINES) throw invalid('lines', `must be 1 to ${MAX_LINES} lines`);
  const sums = new Map<number, number>();
  for (const [index, { productId, quantity }] of lines.entries()) {
    if (productId < 1) throw invalid(`lines.${index}.product_id`, 'must be 1 or more');
    if (quantity < 1) throw invalid(`lines.${index}.quantity`, 'must be 1 or more');
    sums.set(productId, (sums.get(productId) ?? 0) + quantity);
  }
  const summed = [...sums].map(([productId, quantity]) => ({ productId, quantity }));
  // int32 on the wire: a sum beyond it could not be named among the failed lines.
  if (summed.some(({ quantity }) => quantity > 2_147_483_647)) throw invalid('lines', 'must sum to an int32');
  return summed.toSorted((a, b) => a.productId - b.productId);
}

function invalid(field: string, message: string): OmsError {
  return new OmsError('invalid_payload', { message: `${field} ${message}`, fields: [{ field, message }] });
}
