import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { SqlEntityManager } from '@mikro-orm/sql';
import { verifyPassword } from '../users/password.js';
import { canonicalEmail, User } from '../users/user.entity.js';
import { LoginLimiter } from './login-limiter.js';
import type { LoginDto } from './session.dto.js';

/** Who logs in, once they have proved it. */
@Injectable()
export class LoginService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly limiter: LoginLimiter,
  ) {}

  /** Throws {@link OmsError} `invalid_credentials`, the same for a wrong e-mail as for a wrong password, or `rate_limited`. */
  async identify(credentials: LoginDto, ip: string): Promise<User> {
    const email = canonicalEmail(credentials.email);
    await this.limiter.admit(email, ip);
    const user = await this.em.findOne(User, { email }, { populate: ['passwordHash'] });
    const right = await verifyPassword(credentials.password, user?.passwordHash);
    if (!user || !right) {
      await this.limiter.failed(email, ip);
      throw new OmsError('invalid_credentials');
    }
    await this.limiter.admit(email, ip);
    await this.limiter.succeeded(email, ip);
    return user;
  }
}
