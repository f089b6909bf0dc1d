const FIRST_MS = 100;
/** Also how late the first event may be after the way is free again. */
const LONGEST_MS = 5_000;

/**
 * Milliseconds to wait after so many failures in a row: doubled each time up to a limit, and of that a random half to
 * whole, so that relays which failed together do not come back together.
 */
export function backoff(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return whole / 2 + (whole / 2) * random();
}
