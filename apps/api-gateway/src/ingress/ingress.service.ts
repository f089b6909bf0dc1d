import { Inject, Injectable } from '@nestjs/common';
import {
  digest,
  fingerprint,
  OmsError,
  parseEvent,
  type CanonicalEvent,
  type EventDefaults,
  type FieldError,
} from '@lib/events';
import { Drain, formatPosition, JOURNAL, type Journal, type JournalInput } from '@lib/realtime';

/** Wrong fields that one refusal names. */
const MAX_FIELDS = 100;

export interface Sender {
  /** Stands as the `source` of events that name none. */
  source: string;
  /** The key under which the whole request may be repeated: gives ids to the events that bring none. */
  idempotencyKey?: string | undefined;
}

export interface Accepted {
  eventId: string;
  /** Where the event stands in the journal; opaque. */
  position: string;
  /** It was there already, from an earlier sending. */
  duplicate: boolean;
}

/** Where every ingress ends: makes events canonical, and answers when the journal has them durably. */
@Injectable()
export class IngressService {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    private readonly drain: Drain,
  ) {}

  /**
   * All of them, or none. Throws {@link OmsError} `invalid_payload` or `unknown_event_type` (with the place
   * of the event, where there are several), `idempotency_conflict`, `unavailable`.
   */
  async accept(inputs: readonly unknown[], { source, idempotencyKey: key }: Sender): Promise<Accepted[]> {
    const events = parseAll(inputs, (index) => {
      // A blank is in no key, so that no other key can name the second event of this one.
      const id = key === undefined ? {} : { id: index === 0 ? key : `${key} ${index}` };
      return { source, ...id };
    });
    if (this.drain.draining) throw new OmsError('unavailable');
    const own = inputs.map((input) => (input as { id?: unknown }).id !== undefined);
    const result = await this.journal.append(identified(events, own, key !== undefined));
    if (!result.ok) {
      throw new OmsError('idempotency_conflict', {
        details: { eventIds: result.conflicts.map((index) => events[index]?.id) },
      });
    }
    return result.appended.map(({ position, duplicate }, index) => ({
      eventId: events[index]?.id ?? '',
      position: formatPosition(position),
      duplicate,
    }));
  }
}

/**
 * What each event is recognized by when it comes again. One that brought its own id: by its content, with a key
 * or without. One that takes its id from the key: by the whole request, so that a repetition with more, fewer or
 * other events is another body. One whose id was made here cannot come again.
 */
function identified(events: readonly CanonicalEvent[], own: readonly boolean[], keyed: boolean): JournalInput[] {
  const prints = events.map((event, index) => (keyed || own[index] ? fingerprint(event) : ''));
  const whole = keyed ? digest(prints.join('\n')) : '';
  return events.map((event, index) => {
    if (own[index]) return { event, fingerprint: prints[index] ?? '' };
    return keyed ? { event, fingerprint: whole } : { event, fingerprint: '', unique: true };
  });
}

/** Every input, made canonical; or one error with the wrong fields of all of them, each with the place of its event. */
function parseAll(inputs: readonly unknown[], defaults: (index: number) => EventDefaults): CanonicalEvent[] {
  if (inputs.length === 1) return [parseEvent(inputs[0], defaults(0))];
  const refusals: { index: number; error: OmsError }[] = [];
  const events = inputs.flatMap((input, index) => {
    try {
      return [parseEvent(input, defaults(index))];
    } catch (error) {
      if (!(error instanceof OmsError)) throw error;
      refusals.push({ index, error });
      return [];
    }
  });
  const [first] = refusals;
  if (!first) return events;
  const fields = refusals.flatMap(({ index, error }) =>
    (error.fields ?? [{ field: 'type', message: error.message }]).map(({ field, message }): FieldError => ({
      field: [index, field].filter(String).join('.'),
      message,
    })),
  );
  throw new OmsError(first.error.code, { fields: fields.slice(0, MAX_FIELDS), details: first.error.details });
}
