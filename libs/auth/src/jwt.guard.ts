import {
  createParamDecorator,
  Inject,
  Injectable,
  Optional,
  SetMetadata,
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OmsError } from '@lib/events';
import { hasRole, type Principal, type Role } from './principal.js';
import { bearerToken, TokenService } from './token.service.js';

interface AuthenticatedRequest {
  headers: { authorization?: string };
  principal?: Principal | undefined;
}

const PUBLIC = 'auth:public';
const ROLES_ALLOWED = 'auth:roles';

/** Anyone may call this route. A good token says who; with a bad one the caller is anybody, as without. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);

/** One of these roles is needed, besides a valid token. */
export const Roles = (...roles: readonly Role[]): CustomDecorator => SetMetadata(ROLES_ALLOWED, roles);

/** The caller. On a {@link Public} route it is `undefined` where no token was sent. */
export const Caller = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<AuthenticatedRequest>().principal,
);

/** Whether a good token was revoked all the same. Rejects where that cannot be known. */
export type RevocationCheck = (principal: Principal) => Promise<boolean>;

/** Injection token of a {@link RevocationCheck}, for an app that has one. */
export const REVOCATION_CHECK = Symbol('revocation check');

/** Guards every HTTP route of an app: a route is closed unless it is marked {@link Public}. */
@Injectable()
export class JwtGuard implements CanActivate {
  constructor(
    private readonly tokens: TokenService,
    private readonly reflector: Reflector,
    @Optional() @Inject(REVOCATION_CHECK) private readonly isRevoked?: RevocationCheck,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets are authenticated once, in the namespace middleware; gRPC by its own interceptor.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const targets = [context.getHandler(), context.getClass()];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) ?? false;
    const token = bearerToken(request.headers.authorization);
    if (isPublic) {
      request.principal = await this.verify(token).catch(() => undefined);
      return true;
    }
    request.principal = await this.verify(token);
    const roles = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLES_ALLOWED, targets);
    if (roles && !hasRole(request.principal, ...roles)) throw new OmsError('forbidden');
    return true;
  }

  private async verify(token: string | undefined): Promise<Principal> {
    const principal = await this.tokens.verify(token);
    if (await this.isRevoked?.(principal)) throw new OmsError('token_invalid');
    return principal;
  }
}
