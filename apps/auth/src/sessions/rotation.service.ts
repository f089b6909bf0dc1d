import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Outbox } from '@lib/persistence';
import { SqlEntityManager } from '@mikro-orm/sql';
import { AUTH_CONFIG, type AuthConfig } from '../config.js';
import { spanSeconds } from '@lib/service';
import { activity } from './activity.js';
import { RefreshFamily, RefreshToken } from './refresh-token.entity.js';
import { newRefreshToken, refreshTokenHash } from './refresh-token.js';

/** `refused`: unknown, expired, revoked or used. It is not said which. */
export type Rotation = { outcome: 'rotated'; userId: number; refreshToken: string } | { outcome: 'refused' };

/**
 * Milliseconds a refresh waits before it uses its token up. Two tabs that wake up together send the same token within
 * a few of them: the second has then arrived before the first used it, and is refused without ending the session.
 */
const RACE_WINDOW_MS = 50;

/**
 * Refresh tokens that rotate (RFC 9700, section 4.14.2): each is good for one use, which brings its successor. A used
 * one that comes back means that it is in two hands, and nobody can tell which is the thief's: all the descendants of
 * that login end. Of several uses at once exactly one wins, and its successor is good.
 */
@Injectable()
export class RotationService {
  private readonly logger = new Logger('Sessions');
  private readonly lifetimeMs: number;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly outbox: Outbox,
    @Inject(AUTH_CONFIG) config: AuthConfig,
  ) {
    this.lifetimeMs = spanSeconds(config.REFRESH_EXPIRES_IN) * 1_000;
  }

  /** Starts a family of tokens for a user who has just proved who they are; their expired ones are cleared away. */
  async start(userId: number, proof: 'login' | 'registered'): Promise<string> {
    const refreshToken = newRefreshToken();
    const familyId = randomUUID();
    const expiresAt = this.expiry();
    await this.em.transactional(async (em) => {
      await em.nativeDelete(RefreshFamily, { userId, expiresAt: { $lt: new Date() } });
      await em.insert(RefreshFamily, { id: familyId, userId, revokedAt: null, expiresAt });
      await em.insert(RefreshToken, { hash: refreshTokenHash(refreshToken), familyId, usedAt: null, expiresAt });
      await this.outbox.add(em, activity(userId, proof));
    });
    return refreshToken;
  }

  /** Uses a token up. `arrivedAt`: when the request came in, in microseconds since 1970. */
  async rotate(token: string, arrivedAt: number): Promise<Rotation> {
    const hash = refreshTokenHash(token);
    await delay(RACE_WINDOW_MS);
    return this.em.transactional(async (em) => {
      // The condition and the mark are one statement: the database lets one of two concurrent ones through.
      const won = await em.nativeUpdate(RefreshToken, { hash, usedAt: null }, { usedAt: microseconds() });
      const presented = await em.findOne(RefreshToken, { hash });
      if (!presented) return { outcome: 'refused' };
      const family = await em.findOneOrFail(RefreshFamily, { id: presented.familyId });
      const now = new Date();
      if (family.revokedAt !== null || presented.expiresAt <= now) return { outcome: 'refused' };
      if (won === 0) {
        // Whoever asked before the token was used raced with that use; whoever asks after it has an old copy.
        if (arrivedAt > (presented.usedAt ?? 0)) await this.revoke(em, family, 'a used refresh token came back');
        return { outcome: 'refused' };
      }
      const refreshToken = newRefreshToken();
      const expiresAt = this.expiry();
      const next = { hash: refreshTokenHash(refreshToken), familyId: family.id, usedAt: null, expiresAt };
      await em.insert(RefreshToken, next);
      await em.nativeUpdate(RefreshFamily, { id: family.id }, { expiresAt });
      await em.nativeDelete(RefreshToken, { familyId: family.id, expiresAt: { $lt: now } });
      return { outcome: 'rotated', userId: family.userId, refreshToken };
    });
  }

  /** Ends the family of a token, used or not. An unknown one is ended already. */
  async end(token: string): Promise<void> {
    const known = await this.em.findOne(RefreshToken, { hash: refreshTokenHash(token) });
    if (!known) return;
    const { familyId: id } = known;
    await this.em.transactional(async (em) => {
      const ended = await em.nativeUpdate(RefreshFamily, { id, revokedAt: null }, { revokedAt: new Date() });
      if (ended === 0) return;
      const { userId } = await em.findOneOrFail(RefreshFamily, { id });
      await this.outbox.add(em, activity(userId, 'logout'));
    });
  }

  private async revoke(em: SqlEntityManager, family: RefreshFamily, reason: string): Promise<void> {
    await em.nativeUpdate(RefreshFamily, { id: family.id, revokedAt: null }, { revokedAt: new Date() });
    this.logger.warn(`session ${family.id} of user ${family.userId} is revoked: ${reason}`);
  }

  private expiry(): Date {
    return new Date(Date.now() + this.lifetimeMs);
  }
}

/** Now, in whole microseconds since 1970: milliseconds cannot order a request and its successor on one machine. */
export function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}
