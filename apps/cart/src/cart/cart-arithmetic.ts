/** Lines of one cart. */
export const MAX_LINES = 100;
/** Pieces of one product in one cart. */
export const MAX_QUANTITY = 10_000;
/** Price of one piece. With these limits a whole cart comes to 10^14 cents: every sum is exact. */
export const MAX_PRICE = 1_000_000;

/** A line as it is stored: money in whole cents, so that sums have no rounding. */
export interface Line {
  productId: number;
  quantity: number;
  priceCents: number;
}

/** A cart as its owner sees it. Money has at most two decimals. */
export interface CartView {
  items: { productId: number; quantity: number; price: number; lineTotal: number }[];
  /** Pieces in all. */
  totalQuantity: number;
  totalAmount: number;
  /** A check-out has begun and its end is not known. Check out again to settle it; until then nothing changes. */
  checkoutPending: boolean;
}

export function cartView(lines: readonly Line[], checkoutPending = false): CartView {
  const items = lines.map(({ productId, quantity, priceCents }) => ({
    productId,
    quantity,
    price: toAmount(priceCents),
    lineTotal: toAmount(quantity * priceCents),
  }));
  const totalCents = lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
  const totalQuantity = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { items, totalQuantity, totalAmount: toAmount(totalCents), checkoutPending };
}

/** An amount of two decimals in whole cents. Rounds, as 1.15 * 100 is 114.99999999999999. */
export function toCents(amount: number): number {
  return Math.round(amount * 100);
}

export function toAmount(cents: number): number {
  return cents / 100;
}
