const FIRST = 50;
const LONGEST = 2_000;

/**
 * Milliseconds to wait before attempt `attempt`, counted from 1: doubling from 50 ms to 2 s. The upper half
 * of it is by chance, so that not every node comes back at once.
 */
export function backoff(attempt: number): number {
  const full = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 10));
  return full / 2 + (Math.random() * full) / 2;
}
