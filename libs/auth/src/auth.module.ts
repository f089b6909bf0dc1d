import { createSecretKey } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { JwtGuard } from './jwt.guard.js';
import { TokenService, type TokenSpan } from './token.service.js';

export interface AuthOptions {
  /** Shared secret, HS256. */
  secret: string;
  /** How long a token lives when its signer does not say: a span such as `24h`. */
  expiresIn: TokenSpan;
}

/** Token verification, and {@link JwtGuard} on every HTTP route of the app that imports it. */
@Module({})
export class AuthModule {
  static forRoot(options: AuthOptions): DynamicModule {
    const jwt = JwtModule.register({
      // As a key: a string is tried as a public key at each verification, at a tenth of the cost of a request.
      secret: createSecretKey(Buffer.from(options.secret)),
      signOptions: { algorithm: 'HS256', expiresIn: options.expiresIn },
      // Without this list a token signed by another algorithm could choose how it is checked.
      verifyOptions: { algorithms: ['HS256'] },
    });
    return {
      module: AuthModule,
      global: true,
      imports: [jwt],
      providers: [TokenService, { provide: APP_GUARD, useClass: JwtGuard }],
      exports: [TokenService],
    };
  }
}
