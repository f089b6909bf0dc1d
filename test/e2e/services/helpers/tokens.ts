import { JwtService } from '@nestjs/jwt';
import { TokenService, type Role, type TokenSpan } from '@lib/auth';

/** Signs tokens as the auth service does, for any user and role. */
export class Tokens {
  private readonly service: TokenService;

  constructor(secret: string) {
    this.service = new TokenService(new JwtService({ secret, signOptions: { algorithm: 'HS256', expiresIn: '1h' } }));
  }

  of(role: Role, userId: string | number, expiresIn?: TokenSpan): string {
    return this.service.sign({ sub: String(userId), roles: [role] }, expiresIn);
  }

  /** Was valid until a minute ago. */
  expired(role: Role, userId: string | number): string {
    return this.of(role, userId, -60);
  }
}
