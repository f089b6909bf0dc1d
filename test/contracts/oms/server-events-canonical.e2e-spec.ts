import { describe, expect, it, beforeAll } from '@jest/globals';
import { parsePosition } from '@lib/realtime';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { accepted, allDelivered, eventsOf, post } from '../../support/notify.js';

const ORDER = { orderId: 456, aliasId: 'ORDER-456', userId: 789 };
const STOCK = { productId: 'P-1', quantity: 3 };
const TIME = '2026-11-20T12:00:00.000Z';

describe('OMS contract: canonical events', () => {
  let gateway: RunningGateway;
  let owner: TestClient;
  let other: TestClient;
  let admin: TestClient;
  beforeAll(async () => {
    gateway = await runGateway();
    const { url, tokens } = gateway;
    owner = await connect(url, tokens.of('customer', 789));
    other = await connect(url, tokens.of('customer', 790));
    admin = await connect(url, tokens.of('admin', 1));
    for (const client of [owner, other, admin]) {
      await client.ask('subscribe_to_orders');
      await client.ask('subscribe_to_inventory');
    }
  });

  const delivered = async (event: object): Promise<Record<'owner' | 'other' | 'admin', unknown[]>> => {
    const clients = { owner, other, admin };
    for (const client of Object.values(clients)) client.received.length = 0;
    await accepted(gateway, '/events', event);
    await allDelivered(gateway, owner, other, admin);
    return Object.fromEntries(Object.entries(clients).map(([name, client]) => [name, eventsOf(client)])) as Record<
      'owner' | 'other' | 'admin',
      unknown[]
    >;
  };

  it.each<[string, object, { owner: string[]; other: string[]; admin: string[] }]>([
    [
      'order.created',
      { ...ORDER, totalAmount: 1, status: 'PENDING' },
      { owner: ['order_update', 'user_notification'], other: [], admin: ['order_update'] },
    ],
    [
      'order.status_changed',
      { ...ORDER, newStatus: 'PAID', previousStatus: 'PENDING' },
      { owner: ['order_update', 'user_notification'], other: [], admin: ['order_update'] },
    ],
    [
      'order.cancelled',
      { ...ORDER, previousStatus: 'PENDING', reason: 'Changed my mind' },
      { owner: ['order_update', 'user_notification'], other: [], admin: ['order_update'] },
    ],
    ...['inventory.low_stock', 'inventory.out_of_stock', 'inventory.restocked'].map(
      (type): [string, object, { owner: string[]; other: string[]; admin: string[] }] => [
        type,
        {
          productId: 'P-1',
          productName: 'Lamp',
          ...(type !== 'inventory.out_of_stock' && { quantity: 3 }),
          ...(type === 'inventory.low_stock' && { threshold: 5 }),
        },
        { owner: ['inventory_update'], other: ['inventory_update'], admin: ['inventory_update'] },
      ],
    ),
    [
      'user.notified',
      { userId: 789, kind: 'hint', title: 'T', message: 'm' },
      { owner: ['user_notification'], other: [], admin: [] },
    ],
    [
      'system.announced',
      { title: 'T', message: 'm' },
      { owner: ['system_notification'], other: ['system_notification'], admin: ['system_notification'] },
    ],
    [
      'system.announced',
      { title: 'T', message: 'm', roles: ['admin'] },
      { owner: [], other: [], admin: ['system_notification'] },
    ],
    [
      'system.maintenance',
      { title: 'T', message: 'm', startsAt: TIME },
      { owner: ['system_notification'], other: ['system_notification'], admin: ['system_notification'] },
    ],
    [
      'system.alert',
      { title: 'T', message: 'm', severity: 'critical' },
      { owner: [], other: [], admin: ['system_notification'] },
    ],
  ])('%s reaches whom it concerns', async (type, data, expected) => {
    expect(await delivered({ type, data })).toEqual(expected);
  });

  it.each<[string, object]>([
    ['payment.status_changed', { paymentId: 1, orderId: 456, userId: 789, status: 'PAID' }],
    ['inventory.changed', { ...STOCK, previousQuantity: 4 }],
    ['inventory.reserved', STOCK],
    ['inventory.released', STOCK],
    ['transfer.status_changed', { transferId: 1, status: 'SENT' }],
    ['product.created', { productId: 1, name: 'Lamp' }],
    ['product.updated', { productId: 1, name: 'Lamp' }],
    ['user.activity', { userId: 789, action: 'login' }],
    ['security.alert', { title: 'T', message: 'm', severity: 'error', userId: 789 }],
    ['sync.progressed', { resource: 'orders', status: 'started', processed: 0, total: 1 }],
    ['webhook.received', { topic: 'orders/create' }],
  ])('%s, which this contract does not know, reaches nobody', async (type, data) => {
    expect(await delivered({ type, data })).toEqual({ owner: [], other: [], admin: [] });
  });

  it('an event that is narrowed to its owner does not reach the subscribers of all orders', async () => {
    const data = { ...ORDER, totalAmount: 1, status: 'PENDING' };
    expect(await delivered({ type: 'order.created', data, audiences: ['user:789'] })).toEqual({
      owner: ['order_update', 'user_notification'],
      other: [],
      admin: [],
    });
  });

  it.each([
    ['user.notified', { userId: 789, kind: 'k', title: 'T', message: 'm' }, ['all']],
    ['user.notified', { userId: 789, kind: 'k', title: 'T', message: 'm' }, ['user:790']],
    ['system.alert', { title: 'T', message: 'm', severity: 'error' }, ['role:admin', 'role:customer']],
  ])('%s cannot be widened to others', async (type, data, audiences) => {
    const answer = await post(gateway, '/events', { type, data, audiences });
    expect(answer).toMatchObject({ status: 400, body: { error: { fields: [{ field: 'audiences' }] } } });
  });

  it('carries the id and the time of the event', async () => {
    const data = { userId: 789, kind: 'hint', title: 'T', message: 'm' };
    await delivered({ type: 'user.notified', id: 'evt-1', time: '2026-11-20T14:00:00+02:00', data });
    expect(owner.of('user_notification')).toMatchObject([{ id: 'evt-1', timestamp: TIME }]);
  });

  it('reaches a client in the order in which it was posted, the position as the last argument, ever higher', async () => {
    owner.received.length = 0;
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const events = numbers.map((number) => ({
      type: 'order.status_changed',
      data: { ...ORDER, newStatus: `S${number}`, previousStatus: 'X' },
    }));
    await accepted(gateway, '/events', events.slice(0, 150));
    for (const event of events.slice(150)) await accepted(gateway, '/events', event);
    await allDelivered(gateway, owner);

    expect(owner.of<{ data: { status: string } }>('order_update').map(({ data }) => data.status)).toEqual(
      numbers.map((number) => `S${number}`),
    );
    const positions = owner.received.map(({ args }) => {
      expect(args).toHaveLength(2);
      const { epoch, seq, part } = parsePosition(args[1]) ?? { epoch: '', seq: Number.NaN };
      return { epoch, place: seq * 10 + (part ?? 0) };
    });
    expect(new Set(positions.map(({ epoch }) => epoch)).size).toBe(1);
    for (const [at, { place }] of positions.entries()) {
      if (at > 0) expect(place).toBeGreaterThan(positions[at - 1]?.place ?? Infinity);
    }
  });
});
