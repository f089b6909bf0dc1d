import { describe, expect, it } from '@jest/globals';
import { parseEvent } from '@lib/events';
import { movementEvents, stockEvents } from './stock-events.js';

const change = (previousQuantity: number, currentQuantity: number) => ({
  productId: 3,
  productName: 'Lamp',
  previousQuantity,
  currentQuantity,
  threshold: 5,
});

const typesOf = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type);

describe('what is told of stock', () => {
  it.each([
    [9, 8, ['inventory.changed']],
    [9, 5, ['inventory.changed', 'inventory.low_stock']],
    [9, 0, ['inventory.changed', 'inventory.out_of_stock']],
    [0, 2, ['inventory.changed', 'inventory.restocked']],
    [4, 4, []],
  ])('%i to %i: %j', (from, to, types) => {
    expect(typesOf(stockEvents(change(from, to), 'count'))).toEqual(types);
  });

  it('is a movement too where an order takes or returns it', () => {
    const [, , reserved] = movementEvents(change(9, 5), 'inventory.reserved');
    expect(reserved).toEqual({ type: 'inventory.reserved', data: { productId: 3, quantity: 4 } });
    expect(typesOf(movementEvents(change(1, 2), 'inventory.released')).at(-1)).toBe('inventory.released');
  });

  it('passes the catalogue', () => {
    for (const to of [0, 1, 7, 20]) {
      for (const from of [0, 5, 6]) {
        for (const event of movementEvents(change(from, to), 'inventory.reserved')) {
          expect(parseEvent(event, { source: '/t' })).toMatchObject({ subject: '3', partitionkey: '3' });
        }
      }
    }
  });
});
