import { describe, expect, it, beforeAll } from '@jest/globals';
import type { Role } from '@lib/auth';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { accepted, allDelivered } from '../../support/notify.js';

const ORDER = { orderId: 456, aliasId: 'ORDER-456', userId: 789, totalAmount: 99.5, status: 'PENDING' };
const ALERT = { productId: 'P-1', productName: 'Lamp', currentQuantity: 3, threshold: 5, alertType: 'low_stock' };

describe('OMS contract: client to server', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  const as = (role: Role, userId: string | number = 1): Promise<TestClient> =>
    connect(gateway.url, gateway.tokens.of(role, userId));
  const orderOf = (userId: number): Promise<unknown> =>
    accepted(gateway, '/websocket/notifications/order-created', { ...ORDER, userId });
  const alert = (): Promise<unknown> => accepted(gateway, '/websocket/notifications/inventory-alert', ALERT);

  describe('subscribe_to_orders', () => {
    it.each<Role>(['admin', 'staff', 'super_admin'])('gives %s every order', async (role) => {
      const client = await as(role);
      expect(await client.ask('subscribe_to_orders')).toEqual({ ok: true });
      expect(client.of('subscription_confirmed')).toEqual([
        { type: 'order_updates', message: 'Subscribed to all order updates' },
      ]);
      await orderOf(789);
      await client.waitFor('order_update');
    });

    it.each<Role>(['customer', 'service'])(
      'confirms %s with scope own, and gives no one else’s order',
      async (role) => {
        const client = await as(role, 500);
        expect(await client.ask('subscribe_to_orders')).toEqual({ ok: true, scope: 'own' });
        expect(client.of('subscription_confirmed')).toEqual([
          { type: 'order_updates', message: expect.any(String), scope: 'own' },
        ]);
        await orderOf(789);
        await orderOf(500);
        await allDelivered(gateway, client);
        expect(client.of('order_update').map(({ userId }) => userId)).toEqual([500]);
      },
    );

    it('confirms by the event alone where no acknowledgement is asked for', async () => {
      const client = await as('admin');
      client.socket.emit('subscribe_to_orders');
      expect(await client.waitFor('subscription_confirmed')).toHaveLength(1);
    });

    it('sends each order once to who subscribed twice', async () => {
      const client = await as('staff');
      await client.ask('subscribe_to_orders');
      await client.ask('subscribe_to_orders');
      await orderOf(789);
      await allDelivered(gateway, client);
      expect(client.of('order_update')).toHaveLength(1);
    });
  });

  describe('subscribe_to_inventory', () => {
    it.each<Role>(['admin', 'staff', 'customer', 'service', 'super_admin'])(
      'gives %s the stock alerts',
      async (role) => {
        const client = await as(role);
        expect(await client.ask('subscribe_to_inventory')).toEqual({ ok: true });
        expect(client.of('subscription_confirmed')).toEqual([
          { type: 'inventory_updates', message: 'Subscribed to inventory alerts' },
        ]);
        await alert();
        await client.waitFor('inventory_update');
      },
    );

    it('confirms by the event alone where no acknowledgement is asked for', async () => {
      const client = await as('customer');
      client.socket.emit('subscribe_to_inventory');
      expect(await client.waitFor('subscription_confirmed')).toEqual([
        { type: 'inventory_updates', message: expect.any(String) },
      ]);
    });
  });

  describe('unsubscribe', () => {
    it('ends the orders and leaves the stock alerts', async () => {
      const client = await as('admin');
      await client.ask('subscribe_to_orders');
      await client.ask('subscribe_to_inventory');
      expect(await client.ask('unsubscribe', { type: 'order' })).toEqual({ ok: true });
      await orderOf(789);
      await alert();
      await allDelivered(gateway, client);
      expect(client.of('order_update')).toEqual([]);
      expect(client.of('inventory_update')).toHaveLength(1);
    });

    it('ends the stock alerts and leaves the orders', async () => {
      const client = await as('admin');
      await client.ask('subscribe_to_orders');
      await client.ask('subscribe_to_inventory');
      expect(await client.ask('unsubscribe', { type: 'inventory' })).toEqual({ ok: true });
      await orderOf(789);
      await alert();
      await allDelivered(gateway, client);
      expect(client.of('order_update')).toHaveLength(1);
      expect(client.of('inventory_update')).toEqual([]);
    });

    it('leaves a customer their own orders', async () => {
      const client = await as('customer', 501);
      await client.ask('subscribe_to_orders');
      await client.ask('unsubscribe', { type: 'order' });
      await orderOf(501);
      await client.waitFor('order_update');
    });

    it('leaves the subscriptions of other connections of the same user', async () => {
      const [one, other] = [await as('admin', 77), await as('admin', 77)];
      await one.ask('subscribe_to_orders');
      await other.ask('subscribe_to_orders');
      await one.ask('unsubscribe', { type: 'order' });
      await orderOf(789);
      await other.waitFor('order_update');
      await allDelivered(gateway, one);
      expect(one.of('order_update')).toEqual([]);
    });

    it('is no error where nothing was subscribed', async () => {
      const client = await as('customer');
      expect(await client.ask('unsubscribe', { type: 'inventory' })).toEqual({ ok: true });
    });

    it('can be taken back by subscribing again', async () => {
      const client = await as('admin');
      await client.ask('subscribe_to_inventory');
      await client.ask('unsubscribe', { type: 'inventory' });
      await client.ask('subscribe_to_inventory');
      await alert();
      await client.waitFor('inventory_update');
    });
  });

  describe('ping', () => {
    const pong = { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) };

    it('is answered by pong', async () => {
      const client = await as('customer');
      client.socket.emit('ping');
      expect(await client.waitFor('pong')).toEqual([pong]);
      // A text at the end would be taken for a position by a client that reconnects.
      expect(client.received.find(({ event }) => event === 'pong')?.args).toHaveLength(1);
    });

    it('is answered by the acknowledgement as well where one is asked for', async () => {
      const client = await as('customer');
      expect(await client.ask('ping')).toEqual({ ok: true, ...pong });
      expect(await client.waitFor('pong')).toHaveLength(1);
    });
  });

  it('keeps clients of several roles and transports apart, all connected at once', async () => {
    const roles: Role[] = ['admin', 'staff', 'customer', 'service', 'super_admin'];
    const clients = await Promise.all(
      roles.flatMap((role, at) =>
        ['websocket', 'polling'].map(async (transport) => {
          const client = await connect(gateway.url, gateway.tokens.of(role, 900 + at), { transports: [transport] });
          await client.ask('subscribe_to_orders');
          return { role, client };
        }),
      ),
    );
    await orderOf(789);
    await allDelivered(gateway, ...clients.map(({ client }) => client));
    for (const { role, client } of clients) {
      const all = role === 'admin' || role === 'staff' || role === 'super_admin';
      expect([role, client.of('order_update').length]).toEqual([role, all ? 1 : 0]);
    }
  });
});
