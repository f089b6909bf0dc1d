import type { ErrorCode } from './errors.js';
import type { CanonicalEvent } from './event.js';

/** Why events are not (known to be) in the journal. */
export interface PublishFailure {
  ok: false;
  code: ErrorCode;
  /** The same call may succeed later, as it is. */
  retryable: boolean;
  /** The HTTP status, where there was an answer. */
  status?: number;
  /** For a log; holds nothing of what was sent. */
  message: string;
}

/**
 * A way to the journal: HTTP, a broker. {@link publish} takes all of the events, in their order, or none, and answers
 * when they are durable on the other side. It never throws, and never tries again by itself: its caller has the events
 * durably, and does. Publishing twice is safe, as the journal knows an event by its source and id.
 */
export interface EventPublisher {
  publish(events: readonly CanonicalEvent[]): Promise<{ ok: true } | PublishFailure>;
}

/**
 * What is said of an event itself: it will be refused as often as it is sent. Any other failure is one of the way
 * there (a wrong secret and a wrong address among them), and passes when that is mended.
 */
const OF_THE_EVENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_payload',
  'unknown_event_type',
  'idempotency_conflict',
  'payload_too_large',
]);

export function isRefusedForGood({ code }: PublishFailure): boolean {
  return OF_THE_EVENT.has(code);
}
