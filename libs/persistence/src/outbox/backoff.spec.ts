import { describe, expect, it } from '@jest/globals';
import { backoff } from './backoff.js';

describe('backoff', () => {
  it('doubles up to its limit, however long it fails', () => {
    expect([1, 2, 3, 6, 7, 5_000].map((failures) => backoff(failures, () => 1))).toEqual([
      100, 200, 400, 3_200, 5_000, 5_000,
    ]);
  });

  it('is at least half of that', () => {
    expect([1, 2, 7].map((failures) => backoff(failures, () => 0))).toEqual([50, 100, 2_500]);
  });
});
