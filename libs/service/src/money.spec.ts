import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import { fromCents, IsPrice, toCents } from './money.js';

class Priced {
  @IsPrice()
  price: unknown;
}

const isValid = (price: unknown): boolean => validateSync(Object.assign(new Priced(), { price })).length === 0;

describe('prices', () => {
  it.each([0.01, 1.15, 19.99, 4.35, 1_000_000])('takes %d, and converts it exactly', (price) => {
    expect(isValid(price)).toBe(true);
    expect(Number.isInteger(toCents(price))).toBe(true);
    expect(fromCents(toCents(price))).toBe(price);
  });

  it.each([0, -1, 0.001, 1.005, 1e-7, 1_000_000.01, NaN, Infinity, '1', null, undefined])('refuses %p', (price) => {
    expect(isValid(price)).toBe(false);
  });

  it('sums without the error of binary fractions', () => {
    expect(fromCents(toCents(0.1) * 3)).toBe(0.3);
  });
});
