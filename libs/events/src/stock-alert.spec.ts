import { describe, expect, it } from '@jest/globals';
import { stockAlert } from './stock-alert.js';

describe('stockAlert', () => {
  it.each([
    // previous, now, threshold, alert
    [12, 10, 10, 'low_stock'],
    [12, 11, 10, undefined],
    [10, 9, 10, undefined],
    [10, 0, 10, 'out_of_stock'],
    [50, 0, 10, 'out_of_stock'],
    [0, 0, 10, undefined],
    [0, 5, 10, 'restocked'],
    [0, 50, 10, 'restocked'],
    [5, 11, 10, 'restocked'],
    [10, 11, 10, 'restocked'],
    [5, 10, 10, undefined],
    [11, 50, 10, undefined],
    [3, 0, 0, 'out_of_stock'],
    [0, 1, 0, 'restocked'],
  ])('%i to %i with threshold %i: %s', (previousQuantity, quantity, threshold, alert) => {
    expect(stockAlert({ previousQuantity, quantity, threshold })).toBe(alert);
  });
});
