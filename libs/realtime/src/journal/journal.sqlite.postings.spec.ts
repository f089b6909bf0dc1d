import { describe, expect, it } from '@jest/globals';
import { packSeqs, unpackSeqs } from './journal.sqlite.postings.js';

describe('a packed row of the audience index', () => {
  const seqs = [3, 4, 9, 70_000, 5_000_000_000, 5_000_000_007];

  it.each([
    [0, 10, seqs.slice(3)],
    [70_000, 10, [5_000_000_000, 5_000_000_007]],
    [5_000_000_000, 10, [5_000_000_007]],
    [5_000_000_007, 10, []],
  ])('gives what comes after %i, at most %i', (after, limit, expected) => {
    const { last, distances } = packSeqs(seqs.slice(4));
    const wide = packSeqs(seqs.slice(0, 4));
    const found = [
      ...unpackSeqs(wide.last, wide.distances, after, limit),
      ...unpackSeqs(last, distances, after, limit),
    ];
    expect(found.filter((seq) => seq >= 70_000)).toEqual(expected);
  });

  it('stops at the limit', () => {
    const { last, distances } = packSeqs([1, 2, 3, 4, 5]);
    expect(unpackSeqs(last, distances, 1, 2)).toEqual([2, 3]);
  });

  it('is read also where its bytes stand at an odd address', () => {
    const { last, distances } = packSeqs([10, 20, 30]);
    const shifted = new Uint8Array(distances.length + 1);
    shifted.set(distances, 1);
    expect(unpackSeqs(last, shifted.subarray(1), 10, 9)).toEqual([20, 30]);
  });
});
