import { status } from '@grpc/grpc-js';
import { OmsError, type ErrorCode } from '@lib/events';

const STATUS: Partial<Record<ErrorCode, status>> = {
  auth_required: status.UNAUTHENTICATED,
  token_invalid: status.UNAUTHENTICATED,
  token_expired: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  invalid_payload: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  conflict: status.FAILED_PRECONDITION,
  unavailable: status.UNAVAILABLE,
};

const CODE: Partial<Record<status, ErrorCode>> = {
  [status.INVALID_ARGUMENT]: 'invalid_payload',
  [status.NOT_FOUND]: 'not_found',
  [status.FAILED_PRECONDITION]: 'conflict',
};

/** The gRPC status that stands for an error; an unexpected one is INTERNAL and keeps its text back. */
export function toStatus(error: unknown): { code: status; details: string } {
  const code = error instanceof OmsError ? STATUS[error.code] : undefined;
  if (code === undefined) return { code: status.INTERNAL, details: 'Something went wrong here' };
  return { code, details: error instanceof OmsError ? error.message : '' };
}

/**
 * The error that a gRPC status stands for. What is not the caller's doing (no answer, no answer in time, a refused
 * token, a fault over there) is `unavailable`: whether the call took effect is then unknown.
 */
export function fromStatus(code: status | undefined, cause: unknown): OmsError {
  return new OmsError((code === undefined ? undefined : CODE[code]) ?? 'unavailable', { cause });
}
