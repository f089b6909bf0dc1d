/**
 * Every error that leaves a process of this repository: in an HTTP body, a socket acknowledgement,
 * an `error` event or a `connect_error`. `docs/errors.md` lists the same table; a test holds the two together.
 */
export const ERRORS = {
  auth_required: { status: 401, retryable: false, message: 'Authentication required' },
  token_invalid: { status: 401, retryable: false, message: 'Invalid or expired token' },
  token_expired: { status: 401, retryable: false, message: 'Invalid or expired token' },
  invalid_credentials: { status: 401, retryable: false, message: 'Wrong e-mail or password' },
  forbidden: { status: 403, retryable: false, message: 'Your role does not allow this' },
  invalid_payload: { status: 400, retryable: false, message: 'The payload is not valid' },
  unknown_event: { status: 400, retryable: false, message: 'There is no such event' },
  unknown_event_type: { status: 400, retryable: false, message: 'There is no such event type' },
  not_found: { status: 404, retryable: false, message: 'Not found' },
  method_not_allowed: { status: 405, retryable: false, message: 'Method not allowed' },
  conflict: { status: 409, retryable: false, message: 'It was changed meanwhile, or exists already' },
  idempotency_conflict: {
    status: 409,
    retryable: false,
    message: 'This idempotency key was used with another body',
  },
  insufficient_stock: { status: 409, retryable: false, message: 'Not enough stock' },
  invalid_transition: { status: 409, retryable: false, message: 'The status cannot change in this way' },
  payload_too_large: { status: 413, retryable: false, message: 'The payload is too large' },
  unsupported_media_type: { status: 415, retryable: false, message: 'Send application/json' },
  rate_limited: { status: 429, retryable: true, message: 'Too many requests, try again later' },
  internal: { status: 500, retryable: true, message: 'Something went wrong here' },
  bad_gateway: { status: 502, retryable: true, message: 'The service gave no valid answer' },
  unavailable: { status: 503, retryable: true, message: 'Not available now, try again later' },
  gateway_timeout: { status: 504, retryable: true, message: 'The service did not answer in time' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One wrong field of a payload. `field` is a dotted path, as in `items.0.quantity`. */
export interface FieldError {
  field: string;
  message: string;
}

/** What a client is shown of an error, on every transport. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  fields?: readonly FieldError[];
  details?: unknown;
}

export interface OmsErrorOptions {
  /** Replaces the table's message; never put what a caller sent into it. */
  message?: string;
  fields?: readonly FieldError[];
  /** Further machine-readable facts for the caller, such as the order lines that had no stock. */
  details?: unknown;
  cause?: unknown;
}

/** The one exception that carries an {@link ErrorCode} up to a transport's edge. */
export class OmsError extends Error {
  readonly fields?: readonly FieldError[];
  readonly details?: unknown;

  constructor(
    readonly code: ErrorCode,
    options: OmsErrorOptions = {},
  ) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause });
    this.name = 'OmsError';
    if (options.fields) this.fields = options.fields;
    if (options.details !== undefined) this.details = options.details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.fields && { fields: this.fields }),
      ...(this.details !== undefined && { details: this.details }),
    };
  }
}
