import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Role } from '@lib/auth';
import { PostgreSqlPlatform } from '@mikro-orm/postgresql';
import { SqlEntityManager } from '@mikro-orm/sql';
import { AUTH_CONFIG, type AuthConfig } from '../config.js';
import { SAMPLE_USERS } from '../sample-users.js';
import { hashPassword } from './password.js';
import { canonicalEmail, User } from './user.entity.js';

interface FirstUser {
  id?: number;
  email: string;
  name: string;
  password: string;
  roles: readonly Role[];
}

/** Fills an empty table of users, so that somebody can log in: sample users for development, an admin if one is set. */
@Injectable()
export class FirstUsersService implements OnModuleInit {
  private readonly logger = new Logger('Users');

  constructor(
    private readonly em: SqlEntityManager,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    const em = this.em.fork();
    if ((await em.count(User)) > 0) return;
    const users = this.firstUsers();
    if (users.length === 0) {
      this.logger.warn(
        'There are no users yet. Set AUTH_ADMIN_EMAIL and AUTH_ADMIN_PASSWORD and start again to make a first admin.',
      );
      return;
    }
    const rows = await Promise.all(users.map(toRow));
    // "ignore": another process that starts at the same moment may have inserted them meanwhile.
    const options = { onConflictFields: ['email' as const], onConflictAction: 'ignore' as const };
    await em.transactional(async (tx) => {
      const chosen = rows.filter((row) => row.id !== undefined);
      if (chosen.length > 0) {
        await tx.upsertMany(User, chosen, options);
        if (tx.getPlatform() instanceof PostgreSqlPlatform) await continueIdsAfterTheLast(tx);
      }
      const given = rows.filter((row) => row.id === undefined);
      if (given.length > 0) await tx.upsertMany(User, given, options);
    });
    this.logger.log(`made the first users: ${users.map(({ email }) => email).join(', ')}`);
  }

  private firstUsers(): FirstUser[] {
    const { AUTH_ADMIN_EMAIL: email, AUTH_ADMIN_PASSWORD: password, NODE_ENV } = this.config;
    const users: FirstUser[] = NODE_ENV === 'production' ? [] : [...SAMPLE_USERS];
    if (email === undefined || password === undefined) return users;
    const others = users.filter((user) => canonicalEmail(user.email) !== canonicalEmail(email));
    return [...others, { email, name: 'Admin', password, roles: ['admin'] }];
  }
}

async function toRow({ id, email, name, password, roles }: FirstUser): Promise<Omit<User, 'id'> & { id?: number }> {
  return {
    ...(id !== undefined && { id }),
    email: canonicalEmail(email),
    name,
    passwordHash: await hashPassword(password),
    roles: [...roles],
    companyId: null,
    shopIds: [],
    permissions: [],
    createdAt: new Date(),
  };
}

/** PostgreSQL counts only the ids that it gave out itself; SQLite goes on after the largest by itself. */
async function continueIdsAfterTheLast(em: SqlEntityManager): Promise<void> {
  await em.execute("select setval(pg_get_serial_sequence('users', 'id'), (select max(id) from users))");
}
