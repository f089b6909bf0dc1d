import { describe, expect, it } from '@jest/globals';
import { toCents } from '@lib/service';
import { cartView, MAX_LINES, MAX_QUANTITY } from './cart-arithmetic.js';

describe('the arithmetic of a cart', () => {
  it('sums without the errors of binary fractions', () => {
    const view = cartView([
      { productId: 1, quantity: 3, priceCents: toCents(0.1) },
      { productId: 2, quantity: 1, priceCents: toCents(0.2) },
    ]);
    expect(view.items.map(({ lineTotal }) => lineTotal)).toEqual([0.3, 0.2]);
    expect(view).toMatchObject({ totalQuantity: 4, totalAmount: 0.5, checkoutPending: false });
  });

  it('is nothing for an empty cart', () => {
    expect(cartView([])).toEqual({ items: [], totalQuantity: 0, totalAmount: 0, checkoutPending: false });
  });

  it('is exact for the fullest cart there may be', () => {
    const line = { productId: 1, quantity: MAX_QUANTITY, priceCents: toCents(999_999.99) };
    const { totalAmount } = cartView(Array.from({ length: MAX_LINES }, () => line));
    expect(Number.isSafeInteger(toCents(totalAmount))).toBe(true);
    expect(totalAmount).toBe(999_999_990_000);
  });
});
