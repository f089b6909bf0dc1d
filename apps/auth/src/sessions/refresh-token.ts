import { createHash, randomBytes } from 'node:crypto';

/** A new refresh token: 256 random bits that mean nothing by themselves, as 43 characters of base64url. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is stored of a refresh token: its SHA-256, in hex. No salt and no slow hash is needed, as there is nothing to
 * guess in 256 random bits; whoever reads the table can use none of them.
 */
export function refreshTokenHash(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
