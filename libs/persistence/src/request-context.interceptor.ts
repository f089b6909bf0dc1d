import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ConnectionException, EntityManager, RequestContext } from '@mikro-orm/core';
import { OmsError } from '@lib/events';
import { catchError, type Observable } from 'rxjs';

/**
 * Gives each HTTP request and each gRPC call its own fork of the EntityManager. An interceptor, not MikroORM's
 * middleware: under Fastify the asynchronous context of a middleware is lost while a body is read, and the handler
 * would run on the global EntityManager, its identity map shared between callers.
 */
@Injectable()
export class RequestContextInterceptor implements NestInterceptor {
  constructor(private readonly em: EntityManager) {}

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return RequestContext.create(this.em, () => next.handle()).pipe(
      catchError((error: unknown) => {
        if (isAway(error)) throw new OmsError('unavailable', { cause: error });
        throw error;
      }),
    );
  }
}

const NETWORK_ERRORS: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

/** Whether the database could not be reached, as against one that refused a statement. */
function isAway(error: unknown): boolean {
  if (error instanceof ConnectionException) return true;
  if (!(error instanceof Error)) return false;
  if ('code' in error && NETWORK_ERRORS.has(error.code)) return true;
  // What `pg` says of a lost connection carries no code. 57P01-57P03: the server goes down or comes up.
  return /^Connection terminated|timeout exceeded when trying to connect/.test(error.message) || isRestarting(error);
}

function isRestarting(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^57P0[1-3]$/.test(error.code);
}
