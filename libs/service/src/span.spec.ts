import { describe, expect, it } from '@jest/globals';
import { spanSeconds, type Span } from './span.js';

describe('spanSeconds', () => {
  it.each<[Span, number]>([
    ['45s', 45],
    ['15m', 900],
    ['24h', 86_400],
    ['7d', 604_800],
  ])('reads %s', (span, seconds) => {
    expect(spanSeconds(span)).toBe(seconds);
  });

  it('refuses what is no span', () => {
    expect(() => spanSeconds('1.5h')).toThrow('not a span');
  });
});
