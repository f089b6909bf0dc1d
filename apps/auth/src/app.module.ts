import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { databaseOf, OutboxModule, PersistenceModule, type PersistenceOptions } from '@lib/persistence';
import { WebSocketClientModule, WebSocketClientService } from '@lib/websocket-client';
import { AUTH_CONFIG, type AuthConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { Migration20261120000001Users } from './migrations/20261120000001-users.js';
import { Migration20261127000001Outbox } from './migrations/20261127000001-outbox.js';
import { LoginLimiter } from './sessions/login-limiter.js';
import { LoginService } from './sessions/login.service.js';
import { RefreshFamily, RefreshToken } from './sessions/refresh-token.entity.js';
import { RotationService } from './sessions/rotation.service.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionService } from './sessions/session.service.js';
import { FirstUsersService } from './users/first-users.service.js';
import { RegisterService } from './users/register.service.js';
import { RolesService } from './users/roles.service.js';
import { UserController } from './users/user.controller.js';
import { User } from './users/user.entity.js';

/** The auth service's own database, for the service and for `npm run migration:run`. */
export function persistenceOptions(config: AuthConfig): PersistenceOptions {
  return {
    service: 'auth',
    dataDir: config.DATA_DIR,
    database: databaseOf(config),
    entities: [User, RefreshFamily, RefreshToken],
    migrations: [Migration20261120000001Users, Migration20261127000001Outbox],
  };
}

/** Users, logins and the tokens that every other service trusts. */
@Module({})
export class AuthServiceModule {
  static forRoot(config: AuthConfig): DynamicModule {
    return {
      module: AuthServiceModule,
      imports: [
        AuthModule.forRoot({ secret: config.JWT_SECRET, expiresIn: config.JWT_EXPIRES_IN }),
        PersistenceModule.forRoot(persistenceOptions(config)),
        WebSocketClientModule.forRoot({
          apiGatewayUrl: config.API_GATEWAY_URL,
          jwtSecret: config.JWT_SECRET,
          serviceName: 'auth',
        }),
        OutboxModule.forRoot({
          service: 'auth',
          publisher: WebSocketClientService,
          batch: config.OUTBOX_BATCH,
          pollMs: config.OUTBOX_POLL_INTERVAL,
        }),
      ],
      controllers: [HealthController, SessionController, UserController],
      providers: [
        { provide: AUTH_CONFIG, useValue: config },
        LoginLimiter,
        LoginService,
        RegisterService,
        RotationService,
        SessionService,
        RolesService,
        FirstUsersService,
      ],
    };
  }
}
