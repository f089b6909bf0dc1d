const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A span of time as the environment writes it. */
export type Span = `${number}${keyof typeof SECONDS}`;

/** Seconds in a span such as `24h`, `15m`, `7d` or `3600s`. */
export function spanSeconds(span: Span): number {
  const match = /^(\d+)([smhd])$/.exec(span);
  if (!match) throw new Error('not a span of time');
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
}
