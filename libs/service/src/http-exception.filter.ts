import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ERRORS, OmsError, type ErrorCode } from '@lib/events';
import type { FastifyReply } from 'fastify';

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_payload',
  401: 'auth_required',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  502: 'bad_gateway',
  503: 'unavailable',
  504: 'gateway_timeout',
};

/** Whatever was thrown, as the one error that may be shown. An unexpected one becomes `internal`, its text kept back. */
export function toOmsError(thrown: unknown): OmsError {
  if (thrown instanceof OmsError) return thrown;
  const code = CODE_BY_STATUS[statusOf(thrown) ?? 500];
  return code ? new OmsError(code, { cause: thrown }) : new OmsError('internal', { cause: thrown });
}

/** Answers `{ success: false, error: { code, message, fields?, details? } }` with the table's status. */
@Catch()
export class HttpExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = toOmsError(thrown);
    if (error.code === 'internal') this.logger.error(thrown);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent) return;
    if (ERRORS[error.code].retryable && error.status !== 500) void reply.header('retry-after', '1');
    void reply.status(error.status).send({ success: false, error: error.toBody() });
  }
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  // Fastify's own errors: a body that is no JSON, too large, of another media type.
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number') {
    return thrown.statusCode;
  }
  return undefined;
}
