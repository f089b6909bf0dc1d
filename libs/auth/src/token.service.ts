import { Injectable } from '@nestjs/common';
import { JwtService, type JwtSignOptions } from '@nestjs/jwt';
import { OmsError } from '@lib/events';
import type { Principal } from './principal.js';

/** The claims this system writes; {@link TokenService.verify} also reads `userId`/`id` and `role`. */
export interface Claims {
  sub: string;
  roles: readonly string[];
  email?: string;
  companyId?: string;
  shopIds?: readonly string[];
  permissions?: readonly string[];
  jti?: string;
}

/** Seconds, or a span such as `1h`. */
export type TokenSpan = NonNullable<JwtSignOptions['expiresIn']>;

const ROLE_NAME = /^[\w.-]{1,64}$/;

@Injectable()
export class TokenService {
  constructor(private readonly jwt: JwtService) {}

  /** Left out, `expiresIn` is the configured `JWT_EXPIRES_IN`. */
  sign(claims: Claims, expiresIn?: TokenSpan): string {
    return this.jwt.sign({ ...claims }, expiresIn === undefined ? {} : { expiresIn });
  }

  /** Throws {@link OmsError} `auth_required`, `token_expired` or `token_invalid`. */
  async verify(token: string | undefined): Promise<Principal> {
    if (!token) throw new OmsError('auth_required');
    let claims: Record<string, unknown>;
    try {
      claims = await this.jwt.verifyAsync<Record<string, unknown>>(token);
    } catch (error) {
      const expired = error instanceof Error && error.name === 'TokenExpiredError';
      throw new OmsError(expired ? 'token_expired' : 'token_invalid');
    }
    return toPrincipal(claims);
  }
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
}

function toPrincipal(claims: Record<string, unknown>): Principal {
  const userId = identifier(claims['sub'] ?? claims['userId'] ?? claims['id']);
  if (userId === undefined) throw new OmsError('token_invalid');
  const roles = [...strings(claims['role']), ...strings(claims['roles'])].filter((role) => ROLE_NAME.test(role));
  const companyId = identifier(claims['companyId']);
  return {
    userId,
    roles: [...new Set(roles)],
    shopIds: strings(claims['shopIds']),
    permissions: strings(claims['permissions']),
    ...(typeof claims['email'] === 'string' && { email: claims['email'] }),
    ...(companyId !== undefined && { companyId }),
    ...(typeof claims['jti'] === 'string' && { tokenId: claims['jti'] }),
    ...(typeof claims['iat'] === 'number' && { issuedAt: claims['iat'] * 1000 }),
    ...(typeof claims['exp'] === 'number' && { expiresAt: claims['exp'] * 1000 }),
  };
}

function identifier(claim: unknown): string | undefined {
  if (typeof claim === 'number' && Number.isSafeInteger(claim)) return String(claim);
  // A NUL or half a surrogate pair could not be stored by the services that keep these.
  return typeof claim === 'string' && /^[^\0\p{Surrogate}]{1,128}$/u.test(claim) ? claim : undefined;
}

function strings(claim: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.map(identifier).filter((value) => value !== undefined);
}
