import { Global, Module } from '@nestjs/common';
import { REVOCATION_CHECK, type RevocationCheck } from '@lib/auth';
import { SHARED_STATE, type SharedState } from '@lib/realtime';

const check = {
  provide: REVOCATION_CHECK,
  useFactory:
    ({ revocations }: SharedState): RevocationCheck =>
    (principal) =>
      revocations.isRevoked(principal),
  inject: [SHARED_STATE],
};

/** What is revoked for sockets is revoked for requests. */
@Global()
@Module({ providers: [check], exports: [check] })
export class RevocationModule {}
