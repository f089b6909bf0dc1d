export const ROLES = ['admin', 'staff', 'customer', 'service', 'super_admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling: what a verified token says, in one form whatever claims it used. */
export interface Principal {
  /** The claim `sub`, else `userId`, else `id`; always a string, also where the claim was a number. */
  userId: string;
  roles: readonly string[];
  email?: string;
  companyId?: string;
  shopIds: readonly string[];
  permissions: readonly string[];
  /** The claim `jti`: names the token for revocation. */
  tokenId?: string;
  /** Milliseconds since the epoch. */
  issuedAt?: number;
  /** Milliseconds since the epoch; absent for a token that does not expire. */
  expiresAt?: number;
}

/** True when the principal has one of the roles. `super_admin` may do whatever `admin` may. */
export function hasRole(principal: Principal, ...roles: readonly Role[]): boolean {
  return roles.some(
    (role) => principal.roles.includes(role) || (role === 'admin' && principal.roles.includes('super_admin')),
  );
}
