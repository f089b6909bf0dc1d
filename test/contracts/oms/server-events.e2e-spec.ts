import { describe, expect, it, beforeAll } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import type { Role } from '@lib/auth';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { accepted, allDelivered, eventsOf } from '../../support/notify.js';

const ORDER = { orderId: 456, aliasId: 'ORDER-456', userId: 789, totalAmount: 99.5, status: 'PENDING' };
const CHANGE = { orderId: 456, aliasId: 'ORDER-456', userId: 789, newStatus: 'SHIPPED', previousStatus: 'PAID' };
const LAMP = { productId: 'P-1', productName: 'Lamp' };
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
const ID = expect.any(String);

const CREATED = '/websocket/notifications/order-created';
const CHANGED = '/websocket/notifications/order-status-update';
const ALERT = '/websocket/notifications/inventory-alert';
const BROADCAST = '/websocket/broadcast';

const update = (data: object, userId: unknown = 789): object => ({
  type: 'order_status',
  id: ID,
  userId,
  timestamp: ISO,
  data: { orderId: 456, aliasId: 'ORDER-456', userId, timestamp: ISO, ...data },
});

const toUser = (data: object, userId: unknown = 789): object => ({
  type: 'user_specific',
  id: ID,
  userId,
  timestamp: ISO,
  data,
});

const system = (data: object): object => ({ type: 'system_notification', id: ID, timestamp: ISO, data });
const stock = (data: object): object => ({
  type: 'inventory_update',
  id: ID,
  timestamp: ISO,
  data: { timestamp: ISO, ...data },
});

describe('OMS contract: server to client', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  const as = (role: Role, userId: string | number): Promise<TestClient> =>
    connect(gateway.url, gateway.tokens.of(role, userId));
  const subscribed = async (role: Role, userId: string | number): Promise<TestClient> => {
    const client = await as(role, userId);
    await client.ask('subscribe_to_orders');
    await client.ask('subscribe_to_inventory');
    return client;
  };

  describe('an order that was created', () => {
    it('reaches its owner on every device, and subscribers of all orders over either transport', async () => {
      const devices = [await as('customer', 789), await as('customer', 789)];
      const admin = await connect(gateway.url, gateway.tokens.of('admin', 1), { transports: ['polling'] });
      await admin.ask('subscribe_to_orders');
      await accepted(gateway, CREATED, ORDER);
      await allDelivered(gateway, admin, ...devices);

      const expected = update({ status: 'PENDING', message: 'Order created successfully' });
      for (const device of devices) {
        expect(eventsOf(device)).toEqual(['order_update', 'user_notification']);
        expect(device.of('order_update')).toEqual([expected]);
      }
      expect(eventsOf(admin)).toEqual(['order_update']);
      expect(admin.of('order_update')).toEqual([expected]);
    });

    it('gives its owner a notification with the total', async () => {
      const owner = await as('customer', 789);
      await accepted(gateway, CREATED, ORDER);
      expect(await owner.waitFor('user_notification')).toEqual([
        toUser({
          type: 'order_created',
          title: 'Order Created Successfully',
          message: 'Your order ORDER-456 has been created successfully',
          data: { orderId: 456, aliasId: 'ORDER-456', totalAmount: 99.5 },
        }),
      ]);
    });

    it('reaches no other customer, subscribed or not, and no admin who has not subscribed', async () => {
      const others = [await as('customer', 790), await subscribed('customer', 791), await as('admin', 1)];
      await accepted(gateway, CREATED, ORDER);
      await allDelivered(gateway, ...others);
      expect(others.map(eventsOf)).toEqual([[], [], []]);
    });

    it('reaches an admin who owns it, and has subscribed to all orders, once', async () => {
      const owner = await subscribed('admin', 789);
      await accepted(gateway, CREATED, ORDER);
      await allDelivered(gateway, owner);
      expect(eventsOf(owner)).toEqual(['order_update', 'user_notification']);
    });

    it('names a user whose id is not all digits by a string', async () => {
      const owner = await as('customer', 'user-a1');
      await accepted(gateway, CREATED, { ...ORDER, userId: 'user-a1' });
      const message = 'Order created successfully';
      expect(await owner.waitFor('order_update')).toEqual([update({ status: 'PENDING', message }, 'user-a1')]);
    });

    it('reaches the same user whether the id came as a number or as a text', async () => {
      const owner = await as('customer', 789);
      await accepted(gateway, CREATED, { ...ORDER, userId: '789' });
      expect(await owner.waitFor('order_update')).toMatchObject([{ userId: 789, data: { userId: 789 } }]);
    });
  });

  describe('an order whose status changed', () => {
    it('says from what to what, where no message was given', async () => {
      const owner = await as('customer', 789);
      const admin = await subscribed('admin', 1);
      await accepted(gateway, CHANGED, CHANGE);
      const expected = update({ status: 'SHIPPED', message: 'Order status updated from PAID to SHIPPED' });
      expect(await owner.waitFor('order_update')).toEqual([expected]);
      expect(await admin.waitFor('order_update')).toEqual([expected]);
    });

    it('carries the message that was given', async () => {
      const owner = await as('customer', 789);
      await accepted(gateway, CHANGED, { ...CHANGE, message: 'On its way' });
      expect(await owner.waitFor('order_update')).toEqual([update({ status: 'SHIPPED', message: 'On its way' })]);
      expect(await owner.waitFor('user_notification')).toMatchObject([{ data: { message: 'On its way' } }]);
    });

    it('gives its owner, and nobody else, a notification', async () => {
      const owner = await as('customer', 789);
      const admin = await subscribed('admin', 1);
      await accepted(gateway, CHANGED, CHANGE);
      await allDelivered(gateway, owner, admin);
      expect(owner.of('user_notification')).toEqual([
        toUser({
          type: 'order_status_update',
          title: expect.any(String),
          message: expect.stringContaining('ORDER-456'),
          data: { orderId: 456, aliasId: 'ORDER-456', status: 'SHIPPED', previousStatus: 'PAID' },
        }),
      ]);
      expect(eventsOf(admin)).toEqual(['order_update']);
    });

    it('reaches no other customer', async () => {
      const other = await subscribed('customer', 790);
      await accepted(gateway, CHANGED, CHANGE);
      await allDelivered(gateway, other);
      expect(eventsOf(other)).toEqual([]);
    });
  });

  describe('a stock alert', () => {
    it.each<[string, object, object]>([
      [
        'low_stock',
        { ...LAMP, currentQuantity: 3, threshold: 5 },
        { productId: 'P-1', quantity: 3, status: 'low_stock', threshold: 5 },
      ],
      [
        'out_of_stock',
        { ...LAMP, productId: 77, currentQuantity: 0, threshold: 5 },
        { productId: 77, quantity: 0, status: 'out_of_stock', threshold: 5 },
      ],
      ['out_of_stock', { ...LAMP, currentQuantity: 0 }, { productId: 'P-1', quantity: 0, status: 'out_of_stock' }],
      [
        'restocked',
        { ...LAMP, productId: '0077', currentQuantity: 40, threshold: 5 },
        { productId: '0077', quantity: 40, status: 'restocked', threshold: 5 },
      ],
      ['restocked', { ...LAMP, currentQuantity: 1 }, { productId: 'P-1', quantity: 1, status: 'restocked' }],
    ])('%s reaches its subscribers as %j says', async (alertType, alert, data) => {
      const subscriber = await subscribed('customer', 7);
      const other = await as('admin', 1);
      await accepted(gateway, ALERT, { ...alert, alertType });
      await allDelivered(gateway, subscriber, other);
      expect(subscriber.of('inventory_update')).toEqual([stock(data)]);
      expect(eventsOf(subscriber)).toEqual(['inventory_update']);
      expect(eventsOf(other)).toEqual([]);
    });
  });

  describe('a notification to users', () => {
    it('reaches that user on every device, and nobody else', async () => {
      const devices = [await as('customer', 7), await as('customer', 7)];
      const others = [await as('customer', 8), await as('admin', 1), await as('customer', 'user-7')];
      await accepted(gateway, BROADCAST, { type: 'user', userId: 7, title: 'Hello', message: 'You', data: { a: [1] } });
      await allDelivered(gateway, ...devices, ...others);
      const expected = toUser({ type: 'notification', title: 'Hello', message: 'You', data: { a: [1] } }, 7);
      for (const device of devices) expect(device.of('user_notification')).toEqual([expected]);
      expect(others.map(eventsOf)).toEqual([[], [], []]);
    });

    it('reaches each of several users once', async () => {
      const clients = [await as('customer', 7), await as('customer', 8), await as('customer', 9)];
      await accepted(gateway, BROADCAST, { type: 'user', userId: 7, userIds: [7, '8'], title: 'T', message: 'm' });
      await allDelivered(gateway, ...clients);
      expect(clients.map((client) => client.of('user_notification').length)).toEqual([1, 1, 0]);
    });
  });

  describe('an announcement', () => {
    it('reaches everyone', async () => {
      const clients = [await as('customer', 7), await as('admin', 1), await as('service', 's'), await as('staff', 2)];
      const body = { title: 'Sale', message: 'Today', data: { percent: 10 } };
      await accepted(gateway, BROADCAST, { type: 'system', ...body });
      for (const client of clients) expect(await client.waitFor('system_notification')).toEqual([system(body)]);
    });

    it.each<[string, object, number[]]>([
      ['one role', { role: 'staff' }, [0, 1, 0]],
      ['several roles', { roles: ['staff', 'admin'] }, [1, 1, 0]],
      ['a role named twice', { role: 'customer', roles: ['customer'] }, [0, 0, 1]],
    ])('to %s reaches its members and nobody else', async (_, target, counts) => {
      const clients = [await as('admin', 1), await as('staff', 2), await as('customer', 7)];
      const body = { title: 'Shift', message: 'Starts' };
      await accepted(gateway, BROADCAST, { type: 'role', ...target, ...body });
      await allDelivered(gateway, ...clients);
      const came = clients.map((client) => eventsOf(client).length);
      expect(came).toEqual(counts);
      const one = clients[counts.indexOf(1)];
      expect(one?.of('system_notification')[0]).toEqual(system(body));
    });

    it('to two roles reaches once who has both', async () => {
      const jwt = new JwtService({ secret: gateway.secret });
      const both = await connect(gateway.url, jwt.sign({ sub: '3', roles: ['staff', 'admin'] }));
      await accepted(gateway, BROADCAST, { type: 'role', roles: ['staff', 'admin'], title: 'T', message: 'm' });
      await allDelivered(gateway, both);
      expect(eventsOf(both)).toEqual(['system_notification']);
    });
  });
});
