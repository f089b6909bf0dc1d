import { describe, expect, it } from '@jest/globals';
import { validLines, validOrderId } from './validation.js';

describe('validLines', () => {
  it('sums a product that occurs twice, and sorts by product', () => {
    const lines = [
      { productId: 9, quantity: 1 },
      { productId: 2, quantity: 3 },
      { productId: 9, quantity: 4 },
    ];
    expect(validLines(lines)).toEqual([
      { productId: 2, quantity: 3 },
      { productId: 9, quantity: 5 },
    ]);
  });

  it.each([
    ['no line', []],
    ['no product', [{ productId: 0, quantity: 1 }]],
    ['nothing of it', [{ productId: 1, quantity: 0 }]],
    ['less than nothing', [{ productId: 1, quantity: -5 }]],
    [
      'a sum beyond int32',
      [
        { productId: 1, quantity: 2_000_000_000 },
        { productId: 1, quantity: 2_000_000_000 },
      ],
    ],
  ])('refuses %s', (_, lines) => {
    expect(() => validLines(lines)).toThrow(expect.objectContaining({ code: 'invalid_payload' }));
  });
});

describe('validOrderId', () => {
  it.each(['', 'x'.repeat(65), 'a\0b', 'a b'])('refuses %j', (orderId) => {
    expect(() => validOrderId(orderId)).toThrow(expect.objectContaining({ code: 'invalid_payload' }));
  });
});
