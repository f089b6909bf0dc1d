import { describe, expect, it, beforeAll } from '@jest/globals';
import { call, wrongFields, type Answer, type Refusal } from '../../e2e/services/helpers/http.js';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered, eventsOf, post } from '../../support/notify.js';

const CREATED = '/websocket/notifications/order-created';
const CHANGED = '/websocket/notifications/order-status-update';
const ALERT = '/websocket/notifications/inventory-alert';
const BROADCAST = '/websocket/broadcast';

const GOOD: Readonly<Record<string, Record<string, unknown>>> = {
  [CREATED]: { orderId: 1, aliasId: 'ORDER-1', userId: 7, totalAmount: 9.5, status: 'PENDING' },
  [CHANGED]: { orderId: 'o-1', aliasId: 'ORDER-1', userId: 'u', newStatus: 'PAID', previousStatus: 'PENDING' },
  [ALERT]: { productId: 'P', productName: 'Lamp', currentQuantity: 2, threshold: 5, alertType: 'low_stock' },
  [BROADCAST]: { type: 'system', title: 'T', message: 'm' },
};

/** Wrong values of every field, required and optional. */
const WRONG: Readonly<Record<string, Record<string, readonly unknown[]>>> = {
  [CREATED]: {
    orderId: [undefined, null, '', {}, [], true, -1, 1.5, 2 ** 53, 'x'.repeat(129)],
    aliasId: [undefined, null, '', 5, {}, [], 'x'.repeat(257)],
    userId: [undefined, null, '', {}, [], false, -1, 0.1, 'x'.repeat(129)],
    totalAmount: [undefined, null, '1', -1, {}, [1]],
    status: [undefined, null, '', 5, {}, [], 'x'.repeat(257)],
    id: [null, '', 5, {}, 'a b', ' a', 'ü', 'x'.repeat(129)],
  },
  [CHANGED]: {
    orderId: [undefined, null, '', {}],
    aliasId: [undefined, null, '', 5],
    userId: [undefined, null, '', {}],
    newStatus: [undefined, null, '', 5, 'x'.repeat(257)],
    previousStatus: [undefined, null, '', 5, 'x'.repeat(257)],
    message: [null, 5, {}, [], 'x'.repeat(2_001)],
  },
  [ALERT]: {
    productId: [undefined, null, '', {}, -1],
    productName: [undefined, null, '', 5, 'x'.repeat(257)],
    currentQuantity: [undefined, null, '2', -1, 1.5, 1e300, {}],
    threshold: [null, '5', -1, 1.5, 1e300],
    alertType: [undefined, null, '', 'LOW_STOCK', 'lowstock', 5, ['low_stock']],
  },
  [BROADCAST]: {
    type: [undefined, null, '', 'everyone', 5, ['system']],
    title: [undefined, null, '', 5, 'x'.repeat(257)],
    message: [undefined, null, 5, {}, 'x'.repeat(2_001)],
    id: [null, '', 5, 'a b'],
  },
};

describe('OMS contract: bodies of the notification API', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });
  const refused = (path: string, body: unknown): Promise<Answer<Refusal>> => post<Refusal>(gateway, path, body);

  const rows = Object.entries(WRONG).flatMap(([path, fields]) =>
    Object.entries(fields).flatMap(([field, values]) =>
      values.map((value): [string, string, string, unknown] => [
        path,
        field,
        JSON.stringify(value)?.slice(0, 20) ?? 'left out',
        value,
      ]),
    ),
  );

  it.each(rows)('%s refuses %s: %s, and names the field', async (path, field, _, value) => {
    const answer = await refused(path, { ...GOOD[path], [field]: value });
    expect(answer).toMatchObject({ status: 400, body: { success: false, error: { code: 'invalid_payload' } } });
    expect(wrongFields(answer)).toEqual([field]);
  });

  it.each(Object.keys(GOOD))('%s answers 202 with the id, the position and no duplicate', async (path) => {
    expect(await post(gateway, path, GOOD[path])).toMatchObject({
      status: 202,
      body: { success: true, eventId: expect.any(String), position: expect.any(String), duplicate: false },
    });
  });

  it.each(Object.keys(GOOD))('%s names every wrong field at once, unknown ones included', async (path) => {
    const good = Object.keys(GOOD[path] ?? {}).filter((field) => field !== 'threshold');
    const answer = await refused(path, { ...Object.fromEntries(good.map((field) => [field, {}])), colour: 'red' });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(['colour', ...good].sort());
  });

  it.each(Object.keys(GOOD))('%s refuses a body that is no object', async (path) => {
    for (const body of ['[]', '"text"', '5', 'null', 'true', `[${JSON.stringify(GOOD[path])}]`]) {
      expect([body, (await refused(path, body)).status]).toEqual([body, 400]);
    }
    expect((await call('POST', gateway.url + path, { token: gateway.tokens.of('service', 's') })).status).toBe(400);
  });

  it.each([
    ['nothing to send it to', {}, ['userId']],
    ['a bad userId', { userId: {} }, ['userId']],
    ['userIds that are no list', { userIds: 7 }, ['userIds']],
    ['userIds null', { userId: 7, userIds: null }, ['userIds']],
    ['an empty list', { userIds: [] }, ['userIds']],
    ['a bad id among good ones', { userIds: [1, null] }, ['userIds']],
    ['more than 1,000 users', { userIds: Array.from({ length: 1_001 }, (_, at) => at) }, ['userIds']],
    ['a role', { userId: 7, role: 'admin' }, ['role']],
    ['roles', { userId: 7, roles: ['admin'] }, ['role']],
  ])('a broadcast to users is refused with %s', async (_, target, fields) => {
    const answer = await refused(BROADCAST, { ...GOOD[BROADCAST], type: 'user', ...target });
    expect([answer.status, wrongFields(answer)]).toEqual([400, fields]);
  });

  it.each([
    ['nothing to send it to', {}, ['role']],
    ['a role that is no name', { role: 'a b' }, ['role']],
    ['roles null', { role: 'admin', roles: null }, ['roles']],
    ['an empty list', { roles: [] }, ['roles']],
    ['a bad role among good ones', { roles: ['admin', 5] }, ['roles']],
    ['users', { role: 'admin', userIds: [7] }, ['userId']],
  ])('a broadcast to roles is refused with %s', async (_, target, fields) => {
    const answer = await refused(BROADCAST, { ...GOOD[BROADCAST], type: 'role', ...target });
    expect([answer.status, wrongFields(answer)]).toEqual([400, fields]);
  });

  it.each([{ userId: 7 }, { userIds: [7] }, { role: 'admin' }, { roles: ['admin'] }])(
    'a broadcast to everyone is refused with %j: it would reach more people than meant',
    async (target) => {
      expect((await refused(BROADCAST, { ...GOOD[BROADCAST], ...target })).status).toBe(400);
    },
  );

  it('refuses data that is nested beyond 32 levels', async () => {
    const data = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const answer = await refused(BROADCAST, `{"type":"system","title":"T","message":"m","data":${data}}`);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_payload' } } });
  });

  it('refuses out_of_stock with a quantity that says otherwise', async () => {
    const answer = await refused(ALERT, { ...GOOD[ALERT], alertType: 'out_of_stock', currentQuantity: 2 });
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['currentQuantity']]);
  });

  it('delivers nothing of what it refused', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('admin', 7));
    await client.ask('subscribe_to_orders');
    await refused(CREATED, { ...GOOD[CREATED], totalAmount: 'a lot' });
    await refused(BROADCAST, { ...GOOD[BROADCAST], userId: 7 });
    await allDelivered(gateway, client);
    expect(eventsOf(client)).toEqual([]);
  });
});

describe('OMS contract: what is no JSON', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });
  const send = (body: string, contentType = 'application/json'): Promise<Answer<Refusal>> =>
    post<Refusal>(gateway, BROADCAST, body, {
      token: gateway.tokens.of('admin', 1),
      headers: { 'content-type': contentType },
    });

  it.each(['{"type":', '{type:"system"}', '{"a":1}}', '', '\u0000', 'undefined'])(
    'answers %j with 400',
    async (body) => {
      expect(await send(body)).toMatchObject({
        status: 400,
        body: { success: false, error: { code: 'invalid_payload', message: 'The payload is not valid' } },
      });
    },
  );

  it.each(['__proto__', 'constructor'])('refuses a body with the key %s that would reach a prototype', async (key) => {
    const value = key === '__proto__' ? '{"polluted":1}' : '{"prototype":{"polluted":1}}';
    const answer = await send(`{"type":"system","title":"T","message":"m","data":{"${key}":${value}}}`);
    expect(answer.status).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data', ';;;'])(
    'answers the media type %s with 415',
    async (contentType) => {
      expect(await send(JSON.stringify(GOOD[BROADCAST]), contentType)).toMatchObject({
        status: 415,
        body: { success: false, error: { code: 'unsupported_media_type' } },
      });
    },
  );

  it('reads JSON with a charset', async () => {
    expect((await send(JSON.stringify(GOOD[BROADCAST]), 'application/json; charset=utf-8')).status).toBe(202);
  });

  it('answers a body over 1 MB with 413', async () => {
    const body = JSON.stringify({ ...GOOD[BROADCAST], data: 'x'.repeat(1_048_576) });
    expect(await send(body)).toMatchObject({
      status: 413,
      body: { success: false, error: { code: 'payload_too_large' } },
    });
  });

  it('reads a body just under 1 MB', async () => {
    expect((await send(JSON.stringify({ ...GOOD[BROADCAST], data: 'x'.repeat(1_048_000) }))).status).toBe(202);
  });
});
