import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** The refresh tokens that descend from one login: they live and end together. */
@Entity({ tableName: 'refresh_families' })
export class RefreshFamily {
  @PrimaryKey({ type: 'string' })
  id: string;

  @Property({ type: 'integer' })
  userId: number;

  @Property({ type: 'datetime', nullable: true })
  revokedAt: Date | null = null;

  /** When the newest token of the family expires. */
  @Property({ type: 'datetime' })
  expiresAt: Date;
}

/** One refresh token. It stays after its use, so that a second use is noticed. */
@Entity({ tableName: 'refresh_tokens' })
export class RefreshToken {
  /** Its SHA-256; the token itself is nowhere. */
  @PrimaryKey({ type: 'string' })
  hash: string;

  @Property({ type: 'string' })
  familyId: string;

  /** Microseconds since 1970, `null` while it is good. */
  @Property({ type: new BigIntType('number'), nullable: true })
  usedAt: number | null = null;

  @Property({ type: 'datetime' })
  expiresAt: Date;
}
