import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import type { RegisterDto } from '../sessions/session.dto.js';
import { hashPassword } from './password.js';
import { canonicalEmail, User } from './user.entity.js';

/** New customers. */
@Injectable()
export class RegisterService {
  constructor(private readonly em: SqlEntityManager) {}

  /** Throws {@link OmsError} `conflict` where the e-mail address is registered already, in whatever case. */
  async register({ email, name, password }: RegisterDto): Promise<User> {
    const passwordHash = await hashPassword(password);
    const user = this.em.create(User, { email: canonicalEmail(email), name, passwordHash, roles: ['customer'] });
    try {
      await this.em.persist(user).flush();
    } catch (error) {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      throw new OmsError('conflict', { message: 'This e-mail address is registered already', cause: error });
    }
    return user;
  }
}
