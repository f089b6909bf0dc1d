import { describe, expect, it } from '@jest/globals';
import { hashPassword, verifyPassword } from './password.js';

const CHEAP = { ln: 4, r: 8, p: 1 };

/** Milliseconds that a wrong password costs. */
async function time(stored: string | undefined): Promise<number> {
  const began = performance.now();
  expect(await verifyPassword('wrong', stored)).toBe(false);
  return performance.now() - began;
}

describe('passwords', () => {
  it('accepts the password it was made from and no other', async () => {
    const stored = await hashPassword('correct horse', CHEAP);
    expect(await verifyPassword('correct horse', stored)).toBe(true);
    expect(await verifyPassword('correct horsf', stored)).toBe(false);
    expect(await verifyPassword('', stored)).toBe(false);
  });

  it('stores the parameters, a fresh salt and not the password', async () => {
    const [first, second] = await Promise.all([hashPassword('secret', CHEAP), hashPassword('secret', CHEAP)]);
    expect(first).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[^$]{22}\$[^$]{43}$/);
    expect(first).not.toBe(second);
    expect(first).not.toContain('secret');
  });

  it('checks with the stored parameters, so that a later raise of the cost locks nobody out', async () => {
    expect(await verifyPassword('secret', await hashPassword('secret', { ln: 5, r: 4, p: 2 }))).toBe(true);
  });

  it('does the same work for a user that does not exist', async () => {
    const stored = await hashPassword('secret');
    await time(stored);
    const known = Math.min(await time(stored), await time(stored), await time(stored));
    const unknown = Math.min(await time(undefined), await time(undefined), await time(undefined));
    expect(unknown).toBeGreaterThan(known / 3);
    expect(unknown).toBeLessThan(known * 3);
  });

  it('takes two spellings of one letter as the same', async () => {
    const stored = await hashPassword('Caf\u00e9', CHEAP);
    expect(await verifyPassword('Cafe\u0301', stored)).toBe(true);
  });

  it('refuses a stored hash it cannot read, and one whose cost is beyond all bounds', async () => {
    await expect(verifyPassword('secret', 'plain')).rejects.toThrow('not readable');
    const stored = (await hashPassword('secret', CHEAP)).replace('ln=4', 'ln=30');
    await expect(verifyPassword('secret', stored)).rejects.toThrow();
  });
});
