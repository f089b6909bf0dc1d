import { describe, expect, it, beforeAll } from '@jest/globals';
import { EVENT_TYPES } from '@lib/events';
import { wrongFields, type Answer, type Refusal } from '../../e2e/services/helpers/http.js';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered, eventsOf, post } from '../../support/notify.js';

interface Batch {
  success: true;
  count: number;
  results: { eventId: string; position: string; duplicate: boolean }[];
}

const hint = (userId: string | number = 7, title = 'T'): object => ({
  type: 'user.notified',
  data: { userId, kind: 'hint', title, message: 'm' },
});

describe('OMS contract: POST /events', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });
  const refused = (body: unknown): Promise<Answer<Refusal>> => post<Refusal>(gateway, '/events', body);

  it('takes one event, and answers as the notification API does', async () => {
    expect(await post(gateway, '/events', hint())).toEqual({
      status: 202,
      headers: expect.anything(),
      body: { success: true, eventId: expect.any(String), position: expect.any(String), duplicate: false },
    });
  });

  it('keeps the id that a CloudEvent brings', async () => {
    const event = { ...hint(), specversion: '1.0', id: 'evt-77', source: '/crm', time: '2026-11-20T12:00:00Z' };
    expect((await post(gateway, '/events', event)).body).toMatchObject({ eventId: 'evt-77', duplicate: false });
    expect((await post(gateway, '/events', event)).body).toMatchObject({ eventId: 'evt-77', duplicate: true });
  });

  it('takes an array, and answers for each in its order', async () => {
    const events = ['a', 'b', 'c'].map((id) => Object.assign(hint(), { id }));
    const { status, body } = await post<Batch>(gateway, '/events', events);
    expect(status).toBe(202);
    expect(body).toMatchObject({ success: true, count: 3 });
    expect(body.results.map(({ eventId }) => eventId)).toEqual(['a', 'b', 'c']);
    expect(new Set(body.results.map(({ position }) => position)).size).toBe(3);
  });

  it('takes an array of one', async () => {
    expect((await post<Batch>(gateway, '/events', [hint()])).body).toMatchObject({ success: true, count: 1 });
  });

  it('takes 1,000 events at once, and delivers them in their order', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 'thousand'));
    const titles = Array.from({ length: 1_000 }, (_, at) => `T${at}`);
    const events = titles.map((title) => hint('thousand', title));
    expect(await post<Batch>(gateway, '/events', events)).toMatchObject({ status: 202, body: { count: 1_000 } });
    await allDelivered(gateway, client);
    const received = client.of<{ data: { title: string } }>('user_notification').map(({ data }) => data.title);
    expect(received).toEqual(titles);
  });

  it.each([
    ['1,001 events', Array.from({ length: 1_001 }, () => hint())],
    ['an empty array', []],
  ])('refuses %s', async (_, body) => {
    expect(await refused(body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_payload' } } });
  });

  it('refuses an unknown type with the list of those it knows', async () => {
    expect(await refused({ type: 'order.exploded', data: {} })).toMatchObject({
      status: 400,
      body: { success: false, error: { code: 'unknown_event_type', details: { known: EVENT_TYPES } } },
    });
  });

  it.each(['toString', '__proto__', 'constructor', ''])('refuses the type %j as unknown', async (type) => {
    expect(await refused({ type, data: {} })).toMatchObject({
      status: 400,
      body: { error: { code: 'unknown_event_type' } },
    });
  });

  it('keeps nothing of an array that holds one wrong event, and names its place', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 'all-or-nothing'));
    const wrong = { type: 'user.notified', data: { userId: 'all-or-nothing', kind: 5 } };
    const answer = await refused([hint('all-or-nothing'), wrong, hint('all-or-nothing')]);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(['1.data.kind', '1.data.message', '1.data.title']);
    const unknown = await refused([hint('all-or-nothing'), { type: 'nope', data: {} }]);
    expect([unknown.body.error.code, wrongFields(unknown)]).toEqual(['unknown_event_type', ['1.type']]);
    await allDelivered(gateway, client);
    expect(eventsOf(client)).toEqual([]);
  });

  it('names every wrong field of every event of an array', async () => {
    const rows = [
      [1, 'm'],
      ['t', 'm'],
      ['t', 2],
    ];
    const announcements = rows.map(([title, message]) => ({ type: 'system.announced', data: { title, message } }));
    const answer = await refused([...announcements, { type: 'nope', data: {} }]);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(['0.data.title', '2.data.message', '3.type']);
  });

  it('names every wrong field of an event, envelope and data', async () => {
    const answer = await refused({ ...hint(), time: 'noon', colour: 'red', audiences: ['nobody'] });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(['audiences.0', 'colour', 'time']);
    const data = await refused({ type: 'order.created', data: { orderId: {}, totalAmount: '1', colour: 'red' } });
    expect(wrongFields(data)).toEqual([
      'data.aliasId',
      'data.colour',
      'data.orderId',
      'data.status',
      'data.totalAmount',
      'data.userId',
    ]);
  });

  it.each(['null', '5', '"text"', 'true', '[null]', '[[]]', '[5]', '{}', '[{}]'])('refuses %s', async (body) => {
    expect(await refused(body)).toMatchObject({ status: 400, body: { success: false } });
  });

  it('refuses nesting without end, with an idempotency key and without', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    for (const headers of [{}, { 'idempotency-key': 'deep' }]) {
      for (const body of [
        deep,
        `{"type":"user.notified","data":${deep}}`,
        `[{"type":"order.created","data":${deep}}]`,
      ]) {
        const token = gateway.tokens.of('service', 'test');
        expect((await post(gateway, '/events', body, { token, headers })).status).toBe(400);
      }
    }
  });
});
