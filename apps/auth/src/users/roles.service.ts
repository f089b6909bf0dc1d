import { Injectable } from '@nestjs/common';
import { hasRole, type Principal, type Role } from '@lib/auth';
import { OmsError } from '@lib/events';
import { Outbox } from '@lib/persistence';
import { SqlEntityManager } from '@mikro-orm/sql';
import { activity } from '../sessions/activity.js';
import { User } from './user.entity.js';

/** What users may be. A change shows in the access tokens that are issued after it. */
@Injectable()
export class RolesService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly outbox: Outbox,
  ) {}

  /** One's own, or anyone's for an admin or a service. */
  async read(caller: Principal, userId: number): Promise<User> {
    if (caller.userId !== String(userId) && !hasRole(caller, 'admin', 'service')) throw new OmsError('forbidden');
    return this.find(userId);
  }

  /** An admin cannot make a super_admin, nor unmake one: the role above is given from above. */
  async change(caller: Principal, userId: number, roles: Role[]): Promise<User> {
    const user = await this.find(userId);
    const touchesSuperAdmin = user.roles.includes('super_admin') || roles.includes('super_admin');
    if (touchesSuperAdmin && !hasRole(caller, 'super_admin')) throw new OmsError('forbidden');
    const previousRoles = user.roles;
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(User, { id: userId }, { roles });
      await this.outbox.add(em, activity(userId, 'roles_changed', { roles, previousRoles, by: caller.userId }));
    });
    user.roles = roles;
    return user;
  }

  private async find(userId: number): Promise<User> {
    const user = await this.em.findOne(User, { id: userId });
    if (!user) throw new OmsError('not_found', { message: 'There is no such user' });
    return user;
  }
}
