import { describe, expect, it, beforeAll } from '@jest/globals';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { accepted } from '../../support/notify.js';

const MARKER = 'm4rk3r-of-what-was-sent';
const INVALID = { code: 'invalid_payload', message: expect.any(String) };
const UNKNOWN = { code: 'unknown_event', message: 'There is no such event' };

const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** What `unsubscribe` must refuse, each with a marker where one fits. */
const BAD: readonly (readonly [string, readonly unknown[]])[] = [
  ['nothing', []],
  ['null', [null]],
  ['a text', [MARKER]],
  ['a number', [5]],
  ['true', [true]],
  ['a list', [[{ type: 'order' }]]],
  ['an empty object', [{}]],
  ['another type', [{ type: MARKER }]],
  ['a type that is a list', [{ type: ['order'] }]],
  ['a type that is a number', [{ type: 0 }]],
  ['a type that is null', [{ type: null }]],
  ['the name of an object’s own property', [{ type: '__proto__' }]],
  ['an unknown field', [{ type: 'order', note: MARKER }]],
  ['an unknown field, its name the marker', [{ type: 'order', [MARKER]: 1 }]],
  ['__proto__ for a type', [JSON.parse(`{"__proto__":{"type":"order"},"${MARKER}":1}`)]],
  ['bytes', [Buffer.from(MARKER)]],
  ['bytes for a type', [{ type: Buffer.from('order') }]],
  ['deep nesting', [{ type: 'order', note: deep(900) }]],
  ['a second payload', [{ type: 'order' }, { type: 'inventory', note: MARKER }]],
  ['the payload behind another', [MARKER, { type: 'order' }]],
  ['many payloads', Array.from({ length: 50 }, () => MARKER)],
];

describe('OMS contract: refusals of client messages', () => {
  let gateway: RunningGateway;
  let client: TestClient;
  beforeAll(async () => {
    gateway = await runGateway({ WS_MESSAGES_PER_MINUTE: '1000' });
    client = await connect(gateway.url, gateway.tokens.of('admin', 1));
  });

  const nextError = async (send: () => void): Promise<unknown> => {
    const before = client.of('error').length;
    send();
    return (await client.waitFor('error', before + 1)).at(-1);
  };

  it.each(BAD)('answers unsubscribe with %s by its acknowledgement', async (_, args) => {
    const errors = client.of('error').length;
    expect(await client.ask('unsubscribe', ...args)).toEqual({ ok: false, error: expect.objectContaining(INVALID) });
    // By the acknowledgement only: a client that asked for one does not listen to the event.
    expect(client.of('error')).toHaveLength(errors);
  });

  it.each(BAD)(
    'answers unsubscribe with %s by the event error where no acknowledgement was asked for',
    async (_, args) => {
      expect(await nextError(() => client.socket.emit('unsubscribe', ...args))).toMatchObject(INVALID);
    },
  );

  it('names the field that is wrong', async () => {
    const { error } = await client.ask<{ error: { fields: { field: string }[] } }>('unsubscribe', { type: 5 });
    expect(error.fields.map(({ field }) => field)).toEqual(['type']);
  });

  it('leaves the subscription that a refused unsubscribe named', async () => {
    const subscriber = await connect(gateway.url, gateway.tokens.of('admin', 2));
    await subscriber.ask('subscribe_to_inventory');
    await subscriber.ask('unsubscribe', { type: 'inventory' }, { type: 'inventory' });
    await accepted(gateway, '/websocket/notifications/inventory-alert', {
      productId: 1,
      productName: 'Lamp',
      currentQuantity: 0,
      alertType: 'out_of_stock',
    });
    await subscriber.waitFor('inventory_update');
  });

  it.each([
    'nope',
    MARKER,
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'message',
    'order_update',
    'connected',
    'error',
    'Ping',
    ' ping',
    '',
    '5',
  ])('answers the unknown event %j by its acknowledgement', async (name) => {
    expect(await client.ask(name, MARKER)).toEqual({ ok: false, error: UNKNOWN });
  });

  it.each([
    ['with a payload', [MARKER]],
    ['with none', []],
    ['with bytes', [Buffer.from(MARKER)]],
    ['with several', [1, { note: MARKER }, null]],
  ])('answers an unknown event %s by the event error where no acknowledgement was asked for', async (_, args) => {
    expect(await nextError(() => client.socket.emit('nope', ...args))).toEqual(UNKNOWN);
  });

  it.each(['ping', 'subscribe_to_orders', 'subscribe_to_inventory'])(
    'answers %s with surplus payloads, and repeats none of them',
    async (name) => {
      expect(await client.ask(name, MARKER, { note: MARKER }, Buffer.from(MARKER))).toMatchObject({ ok: true });
    },
  );

  it('has repeated nothing of what was sent', async () => {
    const answers: unknown[] = [];
    for (const [, args] of BAD) answers.push(await client.ask('unsubscribe', ...args));
    answers.push(await client.ask(MARKER, MARKER), await client.ask('ping', MARKER));
    client.socket.emit(MARKER, MARKER);
    client.socket.emit('unsubscribe', { [MARKER]: MARKER, type: MARKER });
    await client.ask('ping');
    expect(JSON.stringify(answers) + client.transcript()).not.toContain(MARKER);
  });

  it('goes on serving after all of that', async () => {
    expect(await client.ask('ping')).toMatchObject({ ok: true });
  });
});

describe('OMS contract: too many client messages', () => {
  const LIMITED = { code: 'rate_limited', message: expect.any(String) };
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway({ WS_MESSAGES_PER_MINUTE: '5' });
  });

  it('are refused from the sixth of the minute on, by acknowledgement and by event', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 7));
    for (let sent = 0; sent < 5; sent++) expect(await client.ask('ping')).toMatchObject({ ok: true });
    expect(await client.ask('ping')).toEqual({ ok: false, error: LIMITED });
    client.socket.emit('ping');
    expect(await client.waitFor('error')).toEqual([LIMITED]);
    expect(client.of('pong')).toHaveLength(5);
  });

  it('count also where they were refused', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 7));
    for (let sent = 0; sent < 5; sent++) await client.ask('nope');
    expect(await client.ask('ping')).toEqual({ ok: false, error: LIMITED });
  });

  it('of one socket take nothing from another of the same user', async () => {
    const one = await connect(gateway.url, gateway.tokens.of('customer', 7));
    const other = await connect(gateway.url, gateway.tokens.of('customer', 7));
    for (let sent = 0; sent < 6; sent++) await one.ask('ping');
    expect(await other.ask('ping')).toMatchObject({ ok: true });
  });

  it('do not end the connection, which goes on receiving', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 7));
    for (let sent = 0; sent < 8; sent++) await client.ask('ping');
    await accepted(gateway, '/websocket/broadcast', { type: 'user', userId: 7, title: 'still', message: 'there' });
    await client.waitFor('user_notification');
  });

  it('are 100 in a minute by default', async () => {
    const usual = await runGateway();
    const client = await connect(usual.url, usual.tokens.of('customer', 7));
    const answers = await Promise.all(Array.from({ length: 101 }, () => client.ask<{ ok: boolean }>('ping')));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(100);
    expect(answers.at(-1)).toEqual({ ok: false, error: LIMITED });
  });
});
