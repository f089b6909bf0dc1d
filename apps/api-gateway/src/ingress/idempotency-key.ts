import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { OmsError } from '@lib/events';
import type { FastifyRequest } from 'fastify';

/** The header `Idempotency-Key`: 1 to 128 visible ASCII characters. A bad one is refused, for a retry would not be safe. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new OmsError('invalid_payload', {
    fields: [{ field: 'Idempotency-Key', message: 'must be 1 to 128 visible ASCII characters' }],
  });
});
