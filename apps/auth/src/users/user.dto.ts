import { ROLES, type Role } from '@lib/auth';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn } from 'class-validator';
import type { User } from './user.entity.js';

export class ChangeRolesDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ROLES.length)
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  roles: Role[];
}

/** The roles of one user. */
export interface UserRoles {
  userId: number;
  roles: readonly string[];
}

/** A user as they see themselves. */
export interface UserView {
  id: number;
  email: string;
  name: string;
  roles: readonly string[];
  companyId?: string;
  shopIds: readonly string[];
  permissions: readonly string[];
  /** ISO 8601, UTC. */
  createdAt: string;
}

export function toUserView(user: User): UserView {
  const { id, email, name, roles, companyId, shopIds, permissions } = user;
  const view = { id, email, name, roles, shopIds, permissions, createdAt: user.createdAt.toISOString() };
  return companyId === null ? view : { ...view, companyId };
}
