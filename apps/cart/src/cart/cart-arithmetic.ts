import { fromCents } from '@lib/service';

/** Lines of one cart. */
export const MAX_LINES = 100;
/** Pieces of one product in one cart. */
export const MAX_QUANTITY = 10_000;

/**
 * A line as it is stored: money in whole cents, so that sums have no rounding. A price is at most a million (`IsPrice`),
 * so the fullest cart comes to 10^14 cents, which a number still holds exactly.
 */
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
    price: fromCents(priceCents),
    lineTotal: fromCents(quantity * priceCents),
  }));
  const totalCents = lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
  const totalQuantity = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { items, totalQuantity, totalAmount: fromCents(totalCents), checkoutPending };
}
