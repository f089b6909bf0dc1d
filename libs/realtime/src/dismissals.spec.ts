import { describe, expect, it } from '@jest/globals';
import { Dismissals } from './dismissals.js';

describe('Dismissals', () => {
  it('know who was dismissed since when, the latest time counting', () => {
    const dismissals = new Dismissals();
    expect(dismissals.since('7', 0)).toBe(false);
    dismissals.note('7', 1_000);
    expect(dismissals.since('7', 1_000)).toBe(true);
    expect(dismissals.since('7', 1_001)).toBe(false);
    expect(dismissals.since('8', 0)).toBe(false);
    dismissals.note('7', 2_000);
    expect(dismissals.since('7', 1_500)).toBe(true);
  });

  it('forget what no one can still be on the way in from', () => {
    const dismissals = new Dismissals();
    for (let user = 0; user < 100; user++) dismissals.note(String(user), user);
    dismissals.note('0', 100);
    dismissals.note('late', 120_050);
    expect(dismissals.size).toBe(51);
    expect(dismissals.since('0', 0)).toBe(true);
    expect(dismissals.since('50', 0)).toBe(false);
    expect(dismissals.since('51', 0)).toBe(true);
  });
});
