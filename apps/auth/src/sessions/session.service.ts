import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { TokenService } from '@lib/auth';
import { SqlEntityManager } from '@mikro-orm/sql';
import { AUTH_CONFIG, type AuthConfig } from '../config.js';
import { spanSeconds } from '@lib/service';
import { User } from '../users/user.entity.js';
import { RotationService } from './rotation.service.js';
import type { Session } from './session.dto.js';

/** Hands out sessions: an access token for a user as they are now, and the refresh token that prolongs it. */
@Injectable()
export class SessionService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly tokens: TokenService,
    private readonly rotation: RotationService,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  /** `proof`: by what the user has just proved who they are. */
  async open(user: User, proof: 'login' | 'registered'): Promise<Session> {
    return this.describe(user, await this.rotation.start(user.id, proof));
  }

  /** Throws {@link OmsError} `token_invalid`. Roles that were changed meanwhile are in the new access token. */
  async refresh(refreshToken: string, arrivedAt: number): Promise<Session> {
    const rotation = await this.rotation.rotate(refreshToken, arrivedAt);
    if (rotation.outcome === 'refused') throw new OmsError('token_invalid');
    const user = await this.em.findOne(User, { id: rotation.userId });
    if (!user) throw new OmsError('token_invalid');
    return this.describe(user, rotation.refreshToken);
  }

  private describe(user: User, refreshToken: string): Session {
    const { id, email, name, roles, companyId, shopIds, permissions } = user;
    const accessToken = this.tokens.sign({
      sub: String(id),
      roles,
      email,
      ...(companyId !== null && { companyId }),
      ...(shopIds.length > 0 && { shopIds }),
      ...(permissions.length > 0 && { permissions }),
      jti: randomUUID(),
    });
    const expiresIn = spanSeconds(this.config.JWT_EXPIRES_IN);
    return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn, user: { id, email, name, roles } };
  }
}
