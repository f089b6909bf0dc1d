import { hash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isAudience, narrow, type Audience } from './audience.js';
import { CATALOGUE, EVENT_TYPES, isEventType, type EventData, type EventType } from './catalogue.js';
import { OmsError, type FieldError } from './errors.js';
import { WELL_FORMED } from './json.js';

/** CloudEvents 1.0 attributes (https://github.com/cloudevents/spec), with our extensions behind `data`. */
export interface EventOf<T extends EventType> {
  specversion: '1.0';
  /** Unique within `source`: the pair is what duplicates are recognized by. */
  id: string;
  source: string;
  type: T;
  /** ISO 8601, UTC, milliseconds. */
  time: string;
  subject: string;
  data: EventData<T>;
  /** Events of one key keep their order. */
  partitionkey: string;
  /** Whom it is addressed to: the catalogue's audiences, or what the sender narrowed them to. */
  audiences: readonly Audience[];
  correlationid?: string;
  causationid?: string;
  traceparent?: string;
}

/** Any event of the catalogue; narrowing on `type` narrows `data`. */
export type CanonicalEvent = { [T in EventType]: EventOf<T> }[EventType];

/** What a sender says of an event; {@link parseEvent} fills in the rest. */
export type EventInput = {
  [T in EventType]: {
    type: T;
    data: z.input<(typeof CATALOGUE)[T]['data']>;
    id?: string;
    correlationid?: string;
    causationid?: string;
  };
}[EventType];

const attribute = z.string().min(1).max(256).regex(WELL_FORMED, 'must hold no half of a surrogate pair');

const envelope = z.strictObject({
  specversion: z.literal('1.0').optional(),
  id: attribute.optional(),
  source: attribute.optional(),
  type: z.string(),
  time: z.iso.datetime({ offset: true }).optional(),
  subject: attribute.optional(),
  datacontenttype: z.literal('application/json').optional(),
  dataschema: attribute.optional(),
  data: z.unknown(),
  partitionkey: attribute.optional(),
  correlationid: attribute.optional(),
  causationid: attribute.optional(),
  traceparent: attribute.optional(),
  audiences: z
    .array(z.custom<Audience>((value) => typeof value === 'string' && isAudience(value), 'must be an audience'))
    .min(1)
    .max(64)
    .optional(),
});

export interface EventDefaults {
  /** Stands in where the sender named no `source`. */
  source: string;
  /** Stands in where the sender gave no `id`; left out, a random UUID. */
  id?: string;
}

/**
 * Makes an event canonical, filling in what the sender left out.
 * Throws {@link OmsError} `unknown_event_type`, or `invalid_payload` with every wrong field.
 */
export function parseEvent(input: unknown, defaults: EventDefaults): CanonicalEvent {
  const sent = envelope.safeParse(input);
  if (!sent.success) throw invalid(sent.error, []);
  const { type, time, audiences, ...rest } = sent.data;
  if (!isEventType(type)) {
    throw new OmsError('unknown_event_type', { details: { known: EVENT_TYPES } });
  }
  const definition: {
    data: z.ZodType;
    subject: (data: never) => string;
    audiences: (data: never) => readonly Audience[];
  } = CATALOGUE[type];
  const data = definition.data.safeParse(rest.data);
  if (!data.success) throw invalid(data.error, ['data']);

  const subject = definition.subject(data.data as never);
  const addressed = definition.audiences(data.data as never);
  const event = {
    specversion: '1.0',
    id: rest.id ?? defaults.id ?? randomUUID(),
    source: rest.source ?? defaults.source,
    type,
    time: (time === undefined ? new Date() : new Date(time)).toISOString(),
    subject: rest.subject ?? subject,
    data: data.data,
    partitionkey: rest.partitionkey ?? subject,
    audiences: audiences ? narrowed(audiences, addressed) : addressed,
    ...(rest.correlationid !== undefined && { correlationid: rest.correlationid }),
    ...(rest.causationid !== undefined && { causationid: rest.causationid }),
    ...(rest.traceparent !== undefined && { traceparent: rest.traceparent }),
  };
  // `data` was parsed by the schema that the catalogue has for `type`.
  return event as CanonicalEvent;
}

/**
 * What two sendings of one event have in common: its type, data and audiences, and not when or by which
 * way it came. Another fingerprint under the same `(source, id)` is a conflict, not a duplicate.
 */
export function fingerprint(event: CanonicalEvent): string {
  return digest(`${event.type}\n${JSON.stringify(event.data)}\n${event.audiences.join()}`);
}

export function digest(text: string): string {
  return hash('sha1', text, 'base64url');
}

function narrowed(asked: readonly Audience[], addressed: readonly Audience[]): readonly Audience[] {
  // Each must survive as it is: `narrow` makes of `all` whatever is addressed, which would hide a widening.
  if (!asked.every((audience) => narrow([audience], addressed)[0] === audience)) {
    throw new OmsError('invalid_payload', {
      fields: [{ field: 'audiences', message: `may only narrow ${addressed.join(', ')}` }],
    });
  }
  return asked;
}

function invalid(error: z.ZodError, prefix: readonly string[]): OmsError {
  const fields = error.issues.flatMap((issue): FieldError[] => {
    // Zod reports unknown keys at their parent; name each by its own path.
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return keys.map((key) => ({
      field: [...prefix, ...issue.path, ...(key === undefined ? [] : [key])].join('.'),
      message: key === undefined ? issue.message : 'is not a known field',
    }));
  });
  return new OmsError('invalid_payload', { fields });
}
