import { describe, expect, it, beforeAll } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { ConfigService } from '@nestjs/config';
import { create } from 'axios';
import { randomUUID } from 'node:crypto';
import { WebSocketClientService } from '@lib/websocket-client';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered, eventsOf } from '../../support/notify.js';

const ORDER = { orderId: 456, aliasId: 'ORDER-456', userId: 789 };
const LAMP = { productId: 'P-1', productName: 'Lamp' };

describe('@lib/websocket-client, constructed by hand', () => {
  let gateway: RunningGateway;
  let library: WebSocketClientService;
  beforeAll(async () => {
    gateway = await runGateway();
    const config = new ConfigService({ API_GATEWAY_URL: gateway.url, JWT_SECRET: gateway.secret });
    library = new WebSocketClientService(new HttpService(create()), config);
  });

  const owner = (): Promise<TestClient> => connect(gateway.url, gateway.tokens.of('customer', 789));
  const subscriber = async (): Promise<TestClient> => {
    const client = await connect(gateway.url, gateway.tokens.of('admin', 1));
    await client.ask('subscribe_to_inventory');
    return client;
  };

  it('notifyOrderCreated tells the owner', async () => {
    const client = await owner();
    expect(await library.notifyOrderCreated({ ...ORDER, totalAmount: 99.5, status: 'PENDING' })).toBe(true);
    expect(await client.waitFor('order_update')).toMatchObject([{ data: { orderId: 456, status: 'PENDING' } }]);
    expect(await client.waitFor('user_notification')).toMatchObject([{ data: { data: { totalAmount: 99.5 } } }]);
  });

  it('notifyOrderStatusUpdate tells the owner, with a message and without', async () => {
    const client = await owner();
    const change = { ...ORDER, newStatus: 'PAID', previousStatus: 'PENDING' };
    expect(await library.notifyOrderStatusUpdate(change)).toBe(true);
    expect(await library.notifyOrderStatusUpdate({ ...change, message: 'Thanks' })).toBe(true);
    expect(await client.waitFor('order_update', 2)).toMatchObject([
      { data: { message: 'Order status updated from PENDING to PAID' } },
      { data: { message: 'Thanks' } },
    ]);
  });

  it.each([
    ['low_stock', 3],
    ['out_of_stock', 0],
    ['restocked', 9],
  ] as const)('notifyInventoryAlert tells the subscribers of %s', async (alertType, currentQuantity) => {
    const client = await subscriber();
    expect(await library.notifyInventoryAlert({ ...LAMP, currentQuantity, threshold: 5, alertType })).toBe(true);
    expect(await client.waitFor('inventory_update')).toMatchObject([
      { data: { productId: 'P-1', quantity: currentQuantity, status: alertType } },
    ]);
  });

  it.each([
    ['to 0 from above', 5, 0, 'out_of_stock'],
    ['to 0 from under the threshold', 1, 0, 'out_of_stock'],
    ['to the threshold from above', 6, 5, 'low_stock'],
    ['under the threshold from above', 9, 2, 'low_stock'],
    ['from 0, to under the threshold', 0, 2, 'restocked'],
    ['above the threshold from it', 5, 6, 'restocked'],
    ['above the threshold from under it', 2, 20, 'restocked'],
    ['within what is enough', 20, 6, undefined],
    ['within what is low', 5, 2, undefined],
    ['not at all', 5, 5, undefined],
    ['not from 0', 0, 0, undefined],
  ])('triggerInventoryNotifications: %s (%d → %d) is %s', async (_, previousQuantity, currentQuantity, alert) => {
    const client = await subscriber();
    const change = { ...LAMP, previousQuantity, currentQuantity, threshold: 5 };
    expect(await library.triggerInventoryNotifications(change)).toBe(true);
    await allDelivered(gateway, client);
    const came = client.of<{ data: { status: string } }>('inventory_update').map(({ data }) => data.status);
    expect(came).toEqual(alert === undefined ? [] : [alert]);
  });

  it('broadcast reaches everyone, a role, or users', async () => {
    const [customer, admin] = [await owner(), await connect(gateway.url, gateway.tokens.of('admin', 1))];
    expect(await library.broadcast({ type: 'system', title: 'all', message: 'm' })).toBe(true);
    expect(await library.broadcast({ type: 'role', role: 'admin', title: 'role', message: 'm' })).toBe(true);
    expect(await library.broadcast({ type: 'user', userIds: [789], title: 'user', message: 'm' })).toBe(true);
    await allDelivered(gateway, customer, admin);
    expect(eventsOf(customer)).toEqual(['system_notification', 'user_notification']);
    expect(eventsOf(admin)).toEqual(['system_notification', 'system_notification']);
  });

  it('notifyUser tells that user', async () => {
    const client = await owner();
    expect(await library.notifyUser({ userId: 789, title: 'Hello', message: 'You', data: { a: 1 } })).toBe(true);
    expect(await client.waitFor('user_notification')).toMatchObject([
      { data: { title: 'Hello', message: 'You', data: { a: 1 } } },
    ]);
  });

  it('sends what has an id once, however often it is called', async () => {
    const client = await owner();
    const order = { ...ORDER, id: randomUUID(), totalAmount: 1, status: 'PENDING' };
    expect([await library.notifyOrderCreated(order), await library.notifyOrderCreated(order)]).toEqual([true, true]);
    await allDelivered(gateway, client);
    expect(client.of('order_update')).toHaveLength(1);
  });

  it('sends what has no id as often as it is called', async () => {
    const client = await owner();
    const order = { ...ORDER, totalAmount: 1, status: 'PENDING' };
    await library.notifyOrderCreated(order);
    await library.notifyOrderCreated(order);
    expect(await client.waitFor('order_update', 2)).toHaveLength(2);
  });

  it('answers false for what the gateway refuses', async () => {
    expect(await library.notifyOrderCreated({ ...ORDER, totalAmount: -1, status: 'PENDING' })).toBe(false);
    expect(await library.broadcast({ type: 'user', title: 'T', message: 'm' })).toBe(false);
  });

  it('isUserOnline tells who is', async () => {
    await connect(gateway.url, gateway.tokens.of('customer', 'a b/ü'));
    expect(await library.isUserOnline('a b/ü')).toBe(true);
    expect(await library.isUserOnline(424_242)).toBe(false);
  });

  it('getOnlineUsers, getStats and getHealth answer as the gateway does', async () => {
    await connect(gateway.url, gateway.tokens.of('customer', 31));
    expect(await library.getOnlineUsers()).toContain(31);
    const stats = await library.getStats();
    expect(stats).toMatchObject({ onlineUsers: expect.arrayContaining([31]), uptime: expect.any(Number) });
    expect(await library.getHealth()).toMatchObject({ status: 'OK', stats: { rooms: { user_31: 1 } } });
  });
});
