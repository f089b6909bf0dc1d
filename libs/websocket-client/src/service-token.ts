import { JwtService } from '@nestjs/jwt';

/** Seconds that a token lives, and how long before its end it is replaced. */
const LIFETIME = 300;
const MARGIN = 60;

/** The short-lived token with role `service` by which a service is known to the gateway. */
export class ServiceToken {
  private readonly jwt: JwtService;
  private current = { text: '', renewAt: 0 };

  constructor(
    secret: string,
    private readonly subject: string,
  ) {
    this.jwt = new JwtService({ secret, signOptions: { algorithm: 'HS256', expiresIn: LIFETIME } });
  }

  header(): { authorization: string } {
    const now = Date.now();
    if (now >= this.current.renewAt) {
      this.current = {
        text: this.jwt.sign({ sub: this.subject, roles: ['service'] }),
        renewAt: now + (LIFETIME - MARGIN) * 1000,
      };
    }
    return { authorization: `Bearer ${this.current.text}` };
  }
}
