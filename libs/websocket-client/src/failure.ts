import { ERRORS, type ErrorBody, type ErrorCode, type FieldError, type PublishFailure } from '@lib/events';
import { isAxiosError, type AxiosError } from 'axios';
import { BrokenCircuitError, TaskCancelledError } from 'cockatiel';

/** Mistakes of the caller's settings, which no gateway has seen. */
const OF_THE_ADDRESS: ReadonlySet<string | undefined> = new Set(['ERR_INVALID_URL', 'ERR_BAD_OPTION']);
const TIMED_OUT: ReadonlySet<string | undefined> = new Set(['ECONNABORTED', 'ETIMEDOUT']);

/** Where an answer has no body of ours: a balancer's, or another server's. Any other status is `bad_gateway`. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'token_invalid',
  403: 'forbidden',
  413: 'payload_too_large',
  429: 'rate_limited',
  500: 'internal',
  503: 'unavailable',
  504: 'gateway_timeout',
};

/** An answer that is no answer of the gateway's. */
export class StrangeAnswer extends Error {}

type Refusal = { error?: Partial<ErrorBody> } | null;

/** What a call came to that threw. */
export function toFailure(error: unknown): PublishFailure {
  if (error instanceof BrokenCircuitError) return failure('unavailable', 'it failed too often; not asked for a moment');
  if (error instanceof TaskCancelledError) return failure('gateway_timeout', 'it did not answer in time');
  if (error instanceof StrangeAnswer) return failure('bad_gateway', error.message);
  if (isAxiosError<Refusal>(error)) return ofCall(error);
  // JSON could not be made of what the caller gave.
  return failure('invalid_payload', error instanceof Error ? error.message : 'for no known reason');
}

/** Whether the same request may be sent again at once, and speaks against the gateway's health. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TaskCancelledError || error instanceof StrangeAnswer) return true;
  return isAxiosError(error) && toFailure(error).retryable;
}

function ofCall(error: AxiosError<Refusal>): PublishFailure {
  const { response } = error;
  if (!response) {
    // Never the error's own message: it may hold the address, and with it a password.
    if (OF_THE_ADDRESS.has(error.code)) return { ...failure('internal', `${error.code}`), retryable: false };
    return failure(TIMED_OUT.has(error.code) ? 'gateway_timeout' : 'unavailable', error.code ?? 'no answer');
  }
  const { status, data } = response;
  const refused = typeof data === 'object' ? data?.error : undefined;
  const own = refused?.code;
  const code = own !== undefined && Object.hasOwn(ERRORS, own) ? own : (BY_STATUS[status] ?? 'bad_gateway');
  const fields = Array.isArray(refused?.fields) ? (refused.fields as readonly FieldError[]) : [];
  const named = fields.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return { ...failure(code, [status, code, named].filter(Boolean).join(' ')), status };
}

function failure(code: ErrorCode, message: string): PublishFailure {
  return { ok: false, code, retryable: ERRORS[code].retryable, message };
}
