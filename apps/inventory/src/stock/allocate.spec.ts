import { describe, expect, it } from '@jest/globals';
import { allocate } from './allocate.js';

const levels = [
  { locationId: 'berlin', quantity: 4 },
  { locationId: 'empty', quantity: 0 },
  { locationId: 'oslo', quantity: 10 },
  { locationId: 'rome', quantity: 6 },
];

describe('allocate', () => {
  it.each([
    [3, [['berlin', 3]]],
    [4, [['berlin', 4]]],
    [5, [['rome', 5]]],
    [7, [['oslo', 7]]],
    [
      12,
      [
        ['oslo', 10],
        ['rome', 2],
      ],
    ],
    [
      20,
      [
        ['oslo', 10],
        ['rome', 6],
        ['berlin', 4],
      ],
    ],
  ])('takes %i from as few places as it can', (wanted, parts) => {
    expect(allocate(levels, wanted).map(({ locationId, quantity }) => [locationId, quantity])).toEqual(parts);
  });

  it('never promises what is not there', () => {
    expect(() => allocate(levels, 21)).toThrow(RangeError);
  });
});
