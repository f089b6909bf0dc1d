/** What a token must be asked about. */
export interface RevocableToken {
  userId: string;
  /** The token's `jti`. */
  tokenId?: string;
  /** Milliseconds since the epoch. */
  issuedAt?: number;
}

/** Tokens that are refused although their signature and time are good. */
export interface Revocations {
  /** One token, until it would have ended by itself (milliseconds since the epoch). */
  revokeToken(tokenId: string, until: number): Promise<void>;
  /** Every token of a user issued up to now, for as long as one can live: `lifetime` milliseconds. */
  revokeUser(userId: string, lifetime: number): Promise<void>;
  /** Rejects with `OmsError` `unavailable` where it cannot be known: nobody is let in on a guess. */
  isRevoked(token: RevocableToken): Promise<boolean>;
  close(): Promise<void>;
}
