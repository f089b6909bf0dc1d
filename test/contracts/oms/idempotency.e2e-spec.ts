import { describe, expect, it, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Answer, Refusal } from '../../e2e/services/helpers/http.js';
import { wrongFields } from '../../e2e/services/helpers/http.js';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered, eventsOf, post, type Accepted } from '../../support/notify.js';

const CREATED = '/websocket/notifications/order-created';
const CHANGED = '/websocket/notifications/order-status-update';
const ALERT = '/websocket/notifications/inventory-alert';
const BROADCAST = '/websocket/broadcast';

const order = { orderId: 1, aliasId: 'ORDER-1', userId: 7 };
const hint = (userId: string | number, title = 'T'): object => ({
  type: 'user.notified',
  data: { userId, kind: 'hint', title, message: 'm' },
});

/** Every POST with a body, and another body of the same kind. */
const POSTS: readonly (readonly [string, object, object])[] = [
  [CREATED, { ...order, totalAmount: 9.5, status: 'PENDING' }, { ...order, totalAmount: 9.51, status: 'PENDING' }],
  [
    CHANGED,
    { ...order, newStatus: 'PAID', previousStatus: 'NEW' },
    { ...order, newStatus: 'X', previousStatus: 'NEW' },
  ],
  [
    ALERT,
    { productId: 1, productName: 'Lamp', currentQuantity: 1, threshold: 5, alertType: 'low_stock' },
    { productId: 1, productName: 'Lamp', currentQuantity: 2, threshold: 5, alertType: 'low_stock' },
  ],
  [
    BROADCAST,
    { type: 'user', userId: 7, title: 'T', message: 'm' },
    { type: 'user', userId: 8, title: 'T', message: 'm' },
  ],
  ['/events', hint(7), hint(7, 'Other')],
];

describe('OMS contract: idempotency', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  const keyed = <T = Accepted>(path: string, body: unknown, key: string, service = 'test'): Promise<Answer<T>> =>
    post<T>(gateway, path, body, {
      token: gateway.tokens.of('service', service),
      headers: { 'idempotency-key': key },
    });
  const user = (userId: string | number): Promise<TestClient> =>
    connect(gateway.url, gateway.tokens.of('customer', userId));

  describe.each(POSTS)('%s', (path, body, other) => {
    it('gives the first answer again for the same key and body, marked as a duplicate', async () => {
      const key = randomUUID();
      const first = await keyed(path, body, key);
      const again = await keyed(path, body, key);
      expect(first).toMatchObject({ status: 202, body: { duplicate: false } });
      expect([again.status, again.body]).toEqual([202, { ...first.body, duplicate: true }]);
    });

    it('answers the same key with another body with 409', async () => {
      const key = randomUUID();
      await keyed(path, body, key);
      expect(await keyed<Refusal>(path, other, key)).toMatchObject({
        status: 409,
        body: { success: false, error: { code: 'idempotency_conflict' } },
      });
      // The key still stands for the first.
      expect((await keyed(path, body, key)).body.duplicate).toBe(true);
    });

    it('takes an id in the body for a key', async () => {
      const id = randomUUID();
      const first = await post(gateway, path, { ...body, id });
      const again = await post(gateway, path, { ...body, id });
      expect(first.body).toMatchObject({ eventId: id, duplicate: false });
      expect(again.body).toEqual({ ...first.body, duplicate: true });
      expect((await post<Refusal>(gateway, path, { ...other, id })).status).toBe(409);
    });

    it('takes the same body twice without a key', async () => {
      const [first, second] = [await post(gateway, path, body), await post(gateway, path, body)];
      expect([first.body.duplicate, second.body.duplicate]).toEqual([false, false]);
      expect(second.body.eventId).not.toBe(first.body.eventId);
    });
  });

  it('delivers what was posted twice under one key once', async () => {
    const client = await user(700);
    const key = randomUUID();
    const body = { ...order, userId: 700, totalAmount: 1, status: 'PENDING' };
    for (let sent = 0; sent < 3; sent++) await keyed(CREATED, body, key);
    await allDelivered(gateway, client);
    expect(eventsOf(client)).toEqual(['order_update', 'user_notification']);
  });

  it('does not deliver what it refused as a conflict', async () => {
    const client = await user(701);
    const key = randomUUID();
    await keyed(BROADCAST, { type: 'user', userId: 701, title: 'first', message: 'm' }, key);
    await keyed(BROADCAST, { type: 'user', userId: 701, title: 'second', message: 'm' }, key);
    await allDelivered(gateway, client);
    expect(client.of('user_notification')).toMatchObject([{ data: { title: 'first' } }]);
  });

  it('delivers once what is posted twenty times at once under one key', async () => {
    const client = await user(702);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => keyed(BROADCAST, { type: 'user', userId: 702, title: 'T', message: 'm' }, key)),
    );
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.position}`)).size).toBe(1);
    await allDelivered(gateway, client);
    expect(eventsOf(client)).toEqual(['user_notification']);
  });

  it('lets one of several bodies that race under one key through', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        keyed(BROADCAST, { type: 'user', userId: 703, title: `T${at}`, message: 'm' }, key),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort((one, other) => one - other);
    expect(statuses).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('counts a body as the same however its fields are ordered and its ids are spelled', async () => {
    const key = randomUUID();
    await keyed(CREATED, { ...order, totalAmount: 1, status: 'NEW' }, key);
    const again = await keyed(
      CREATED,
      { status: 'NEW', totalAmount: 1.0, userId: '7', aliasId: 'ORDER-1', orderId: 1 },
      key,
    );
    expect(again).toMatchObject({ status: 202, body: { duplicate: true } });
  });

  it('keeps a key of one service apart from the same key of another', async () => {
    const key = randomUUID();
    const first = await keyed(CREATED, { ...order, totalAmount: 1, status: 'NEW' }, key, 'order');
    const second = await keyed(CREATED, { ...order, totalAmount: 2, status: 'NEW' }, key, 'cart');
    expect([first.body.duplicate, second.status, second.body.duplicate]).toEqual([false, 202, false]);
  });

  it('keeps a header before an id in the body', async () => {
    const key = randomUUID();
    const body = { ...order, totalAmount: 1, status: 'NEW', id: randomUUID() };
    expect((await keyed(CREATED, body, key)).body.eventId).toBe(key);
    expect((await keyed(CREATED, { ...body, id: randomUUID() }, key)).body.duplicate).toBe(true);
  });

  describe('of several events under one key', () => {
    it('delivers a broadcast to several users once to each', async () => {
      const clients = [await user(710), await user(711)];
      const key = randomUUID();
      const body = { type: 'user', userIds: [710, 711], title: 'T', message: 'm' };
      expect((await keyed(BROADCAST, body, key)).body.duplicate).toBe(false);
      expect((await keyed(BROADCAST, body, key)).body.duplicate).toBe(true);
      await allDelivered(gateway, ...clients);
      expect(clients.map(eventsOf)).toEqual([['user_notification'], ['user_notification']]);
    });

    it.each([
      ['fewer', [710]],
      ['more', [710, 711, 712]],
      ['others', [710, 712]],
    ])('refuses the broadcast to %s users as another body', async (_, userIds) => {
      const key = randomUUID();
      await keyed(BROADCAST, { type: 'user', userIds: [710, 711], title: 'T', message: 'm' }, key);
      expect((await keyed(BROADCAST, { type: 'user', userIds, title: 'T', message: 'm' }, key)).status).toBe(409);
    });

    it('takes an array once, and refuses another one', async () => {
      const client = await user(720);
      const key = randomUUID();
      const events = [hint(720, 'a'), hint(720, 'b')];
      const first = await keyed<{ results: Accepted[] }>('/events', events, key);
      const again = await keyed<{ results: Accepted[] }>('/events', events, key);
      expect(again.body.results.map(({ position }) => position)).toEqual(
        first.body.results.map(({ position }) => position),
      );
      expect(again.body.results.every(({ duplicate }) => duplicate)).toBe(true);
      for (const other of [events.slice(0, 1), [...events, hint(720, 'c')], events.toReversed()]) {
        expect((await keyed('/events', other, key)).status).toBe(409);
      }
      await allDelivered(gateway, client);
      expect(eventsOf(client)).toHaveLength(2);
    });

    it('cannot be met by another key', async () => {
      const key = randomUUID();
      await keyed(BROADCAST, { type: 'user', userIds: [710, 711], title: 'T', message: 'm' }, key);
      for (const near of [`${key}/1`, `${key}-1`, `${key}#1`, `${key}.1`]) {
        expect((await keyed(BROADCAST, { type: 'user', userId: 1, title: 'X', message: 'm' }, near)).status).toBe(202);
      }
    });
  });

  it('knows an event that has an id by that, whether a key comes with it or not', async () => {
    const event = { ...hint(7), id: randomUUID() };
    const first = await keyed('/events', event, randomUUID());
    expect((await post(gateway, '/events', event)).body).toEqual({ ...first.body, duplicate: true });
    expect((await keyed('/events', event, randomUUID())).body).toEqual({ ...first.body, duplicate: true });
    expect((await post(gateway, '/events', { ...hint(7, 'Other'), id: event.id })).status).toBe(409);
  });

  it.each(['', ' ', 'a b', 'ü', 'x'.repeat(129)])('refuses the key %j', async (key) => {
    const answer = await keyed<Refusal>(CREATED, { ...order, totalAmount: 1, status: 'NEW' }, key);
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['Idempotency-Key']]);
  });
});
