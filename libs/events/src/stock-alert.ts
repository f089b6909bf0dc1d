export interface StockChange {
  quantity: number;
  previousQuantity: number;
  threshold: number;
}

/**
 * The alert that a change of quantity gives rise to, once per crossing (`shared/contracts/events.md`):
 * `out_of_stock` when it reaches 0 from above; else `low_stock` when it comes to or under the threshold from
 * above it; else `restocked` when it rises from 0, or from at-or-under the threshold to above it.
 */
export function stockAlert(change: StockChange): 'out_of_stock' | 'low_stock' | 'restocked' | undefined {
  const { quantity, previousQuantity, threshold } = change;
  if (quantity === 0 && previousQuantity > 0) return 'out_of_stock';
  if (quantity <= threshold && previousQuantity > threshold) return 'low_stock';
  if (quantity > 0 && previousQuantity === 0) return 'restocked';
  if (quantity > threshold && previousQuantity <= threshold) return 'restocked';
  return undefined;
}
