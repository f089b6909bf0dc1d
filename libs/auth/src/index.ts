export { AuthModule, type AuthOptions } from './auth.module.js';
export { Caller, Public, REVOCATION_CHECK, Roles, type RevocationCheck } from './jwt.guard.js';
export { hasRole, ROLES, type Principal, type Role } from './principal.js';
export { bearerToken, TokenService, type Claims, type TokenSpan } from './token.service.js';
