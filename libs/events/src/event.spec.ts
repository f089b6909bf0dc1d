import { describe, expect, it } from '@jest/globals';
import { narrow } from './audience.js';
import { CATALOGUE } from './catalogue.js';
import { OmsError } from './errors.js';
import { fingerprint, parseEvent } from './event.js';
import { isShallowJson, MAX_JSON_DEPTH } from './json.js';

const order = { orderId: 456, aliasId: 'ORDER-456', userId: 789, totalAmount: 12.5, status: 'PENDING' };
const parse = (input: unknown) => parseEvent(input, { source: '/test' });

function refusal(input: unknown): OmsError {
  try {
    parse(input);
  } catch (error) {
    if (error instanceof OmsError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseEvent', () => {
  it('fills in what CloudEvents requires, and addresses the catalogue audiences', () => {
    const event = parse({ type: 'order.created', data: { ...order, companyId: 'c1', shopId: 4 } });
    expect(event).toMatchObject({
      specversion: '1.0',
      source: '/test',
      subject: '456',
      partitionkey: '456',
      data: { userId: '789', orderId: 456 },
      audiences: ['user:789', 'topic:orders', 'order:456', 'company:c1', 'shop:4'],
    });
    expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(event.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('normalizes the time to UTC', () => {
    expect(parse({ type: 'order.created', data: order, time: '2026-11-20T12:00:00+02:00' }).time).toBe(
      '2026-11-20T10:00:00.000Z',
    );
  });

  it('refuses an unknown type and lists the known ones', () => {
    const error = refusal({ type: 'order.exploded', data: {} });
    expect(error.code).toBe('unknown_event_type');
    expect(error.details).toEqual({ known: Object.keys(CATALOGUE) });
  });

  it('names every wrong field, unknown ones included', () => {
    const error = refusal({ type: 'order.created', data: { ...order, userId: {}, totalAmount: '12', colour: 'red' } });
    expect(error.fields?.map((field) => field.field).toSorted()).toEqual([
      'data.colour',
      'data.totalAmount',
      'data.userId',
    ]);
  });

  it.each([undefined, null, 'text', 5, [], { type: 5, data: {} }, { type: 'constructor', data: {} }])(
    'refuses %j',
    (input) => {
      expect(refusal(input).status).toBe(400);
    },
  );

  it('lets a sender narrow the audiences, and never widen them', () => {
    const narrowed = parse({ type: 'order.created', data: order, audiences: ['user:789'] });
    expect(narrowed.audiences).toEqual(['user:789']);
    expect(
      parse({
        type: 'system.maintenance',
        data: { title: 't', message: 'm', startsAt: '2026-11-20T12:00:00Z' },
        audiences: ['role:staff'],
      }).audiences,
    ).toEqual(['role:staff']);
    expect(refusal({ type: 'order.created', data: order, audiences: ['user:789', 'user:1'] }).fields?.[0]?.field).toBe(
      'audiences',
    );
    expect(refusal({ type: 'order.created', data: order, audiences: ['all'] }).code).toBe('invalid_payload');
    // One for one: as many audiences as it has, and yet more people.
    const hint = { userId: 7, kind: 'k', title: 't', message: 'm' };
    expect(refusal({ type: 'user.notified', data: hint, audiences: ['all'] }).code).toBe('invalid_payload');
  });

  it('refuses free-form JSON that is nested too deeply', () => {
    const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
    expect(
      refusal({ type: 'user.notified', data: { userId: 1, kind: 'k', title: 't', message: 'm', data: deep } }).fields,
    ).toEqual([{ field: 'data.data', message: `must be well-formed JSON of at most ${MAX_JSON_DEPTH} levels` }]);
  });
});

describe('fingerprint', () => {
  it('does not change with time, id or way, and does with the content', () => {
    const one = parse({ type: 'order.created', data: order, id: 'a', correlationid: 'x' });
    const again = parse({
      type: 'order.created',
      data: { ...order, userId: '789' },
      id: 'a',
      time: '2020-01-01T00:00:00Z',
    });
    const other = parse({ type: 'order.created', data: { ...order, status: 'PAID' }, id: 'a' });
    expect(fingerprint(again)).toBe(fingerprint(one));
    expect(fingerprint(other)).not.toBe(fingerprint(one));
  });
});

describe('narrow', () => {
  it('keeps what the event is addressed to, and treats all as everyone', () => {
    expect(narrow(['user:1', 'topic:orders'], ['user:1'])).toEqual(['user:1']);
    expect(narrow(['user:1'], ['all'])).toEqual(['user:1']);
    expect(narrow(['all'], ['role:admin'])).toEqual(['role:admin']);
  });
});

describe('isShallowJson', () => {
  it('refuses what JSON has no form for', () => {
    expect(isShallowJson({ a: [1, 'x', null, true] })).toBe(true);
    expect(isShallowJson({ a: Buffer.from('x') })).toBe(false);
    expect(isShallowJson({ a: undefined })).toBe(false);
  });
});
