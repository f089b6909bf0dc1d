import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Opt } from '@mikro-orm/core';

@Entity({ tableName: 'users' })
export class User {
  @PrimaryKey({ type: 'integer' })
  id: number;

  /** In the spelling of {@link canonicalEmail}: unique whatever its case was. */
  @Property({ type: 'string', unique: true })
  email: string;

  @Property({ type: 'string' })
  name: string;

  /** Made by `hashPassword`. Lazy: no answer can hold it by accident. */
  @Property({ type: 'string', lazy: true, hidden: true })
  passwordHash: string;

  @Property({ type: 'json' })
  roles: string[];

  @Property({ type: 'string', nullable: true })
  companyId: string | null = null;

  @Property({ type: 'json' })
  shopIds: string[] & Opt = [];

  @Property({ type: 'json' })
  permissions: string[] & Opt = [];

  @Property({ type: 'datetime' })
  createdAt: Date & Opt = new Date();
}

/** The one spelling of an address under which it is stored and looked up. */
export function canonicalEmail(email: string): string {
  return email.normalize('NFC').toLowerCase();
}
