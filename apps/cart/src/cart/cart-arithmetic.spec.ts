import { describe, expect, it } from '@jest/globals';
import { cartView, MAX_LINES, MAX_PRICE, MAX_QUANTITY, toAmount, toCents } from './cart-arithmetic.js';

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

  it('takes every price to cents and back unchanged', () => {
    for (let cents = 0; cents <= 200_000; cents++) expect(toCents(toAmount(cents))).toBe(cents);
    expect(toCents(1.15)).toBe(115);
    expect(toCents(1.005 + 0.295)).toBe(130);
  });

  it('is exact for the fullest cart there may be', () => {
    const line = { productId: 1, quantity: MAX_QUANTITY, priceCents: toCents(MAX_PRICE - 0.01) };
    const { totalAmount } = cartView(Array.from({ length: MAX_LINES }, () => line));
    expect(Number.isSafeInteger(toCents(totalAmount))).toBe(true);
    expect(totalAmount).toBe(999_999_990_000);
  });
});
