import { ValidateBy } from 'class-validator';

/** The highest single price, in whole units of the currency: sums of many lines stay exact integers of cents. */
const MAX_PRICE = 1_000_000;

/** A price as JSON carries it: above 0, with at most two decimals. */
export const IsPrice = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPrice',
    validator: {
      validate: (value: unknown) => typeof value === 'number' && isPrice(value),
      defaultMessage: (args) =>
        `${args?.property ?? 'price'} must be above 0 and at most ${MAX_PRICE}, with at most 2 decimals`,
    },
  });

function isPrice(value: number): boolean {
  return value > 0 && value <= MAX_PRICE && Number(value.toFixed(2)) === value;
}

/** Exact for whatever {@link IsPrice} has passed. */
export function toCents(price: number): number {
  return Math.round(price * 100);
}

/** The number that JSON spells with two decimals at most: `fromCents(1999)` is `19.99`. */
export function fromCents(cents: number): number {
  return cents / 100;
}
