import { describe, expect, it } from '@jest/globals';
import { newRefreshToken, refreshTokenHash } from './refresh-token.js';

describe('refresh tokens', () => {
  it('are opaque and never the same', () => {
    const tokens = new Set(Array.from({ length: 100 }, newRefreshToken));
    expect(tokens.size).toBe(100);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });

  it('are stored as a SHA-256 that does not show them', () => {
    expect(refreshTokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
