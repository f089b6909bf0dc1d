import { beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway } from '../../support/gateway.js';
import { testEnvironment } from './helpers/environment.js';
import { call } from './helpers/http.js';
import { startInventory, type Inventory } from './helpers/inventory.js';
import { startOrders, type Orders } from './helpers/order.js';
import { Tokens } from './helpers/tokens.js';

interface RealTimeEvent {
  type: string;
  userId?: number;
  data: Record<string, unknown>;
}

let inventory: Inventory;
let orders: Orders;
let tokens: Tokens;
let url: string;

/** Gateway, inventory and order, as `npm start` puts them together. */
beforeAll(async () => {
  const environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  const gateway = await runGateway({ JWT_SECRET: environment.JWT_SECRET });
  url = gateway.url;
  const settings = { API_GATEWAY_URL: gateway.url };
  inventory = await startInventory(environment, settings);
  orders = await startOrders(environment, inventory.grpcUrl, settings);
});

async function subscribed(role: 'admin' | 'customer', userId: number): Promise<TestClient> {
  const client = await connect(url, tokens.of(role, userId));
  await client.ask('subscribe_to_orders');
  await client.ask('subscribe_to_inventory');
  return client;
}

describe('an order', () => {
  it('is seen by its owner and by admins as it moves, and by no other customer', async () => {
    const [owner, admin, other] = [
      await subscribed('customer', 7),
      await subscribed('admin', 1),
      await subscribed('customer', 8),
    ];
    const { id: productId } = await inventory.createProduct(50);
    const placed = await orders.place(tokens.of('customer', 7), [{ productId, quantity: 1, price: 19.99 }]);
    const { id, aliasId } = placed.body;
    await orders.setStatus(tokens.of('staff', 2), id, 'CONFIRMED');
    await orders.setStatus(tokens.of('staff', 2), id, 'PROCESSING', 'It is being packed');
    await orders.cancel(tokens.of('customer', 7), id, { reason: 'changed my mind' });

    for (const client of [owner, admin]) {
      const updates = await client.waitFor<RealTimeEvent>('order_update', 4);
      expect(updates.map(({ data }) => [data['orderId'], data['status'], data['message']])).toEqual([
        [id, 'PENDING', 'Order created successfully'],
        [id, 'CONFIRMED', 'Order status updated from PENDING to CONFIRMED'],
        [id, 'PROCESSING', 'It is being packed'],
        [id, 'CANCELLED', 'changed my mind'],
      ]);
    }
    const [created] = await owner.waitFor<RealTimeEvent>('user_notification', 4);
    expect(created?.data).toMatchObject({
      type: 'order_created',
      message: `Your order ${aliasId} has been created successfully`,
      data: { orderId: id, aliasId, totalAmount: 19.99 },
    });
    expect(other.of('order_update')).toEqual([]);
    expect(other.of('user_notification')).toEqual([]);
  });

  it('that is refused is told to nobody', async () => {
    const owner = await subscribed('customer', 9);
    const { id: productId } = await inventory.createProduct(1);
    const token = tokens.of('customer', 9);
    expect((await orders.place(token, [{ productId, quantity: 2, price: 1 }])).status).toBe(409);
    const placed = await orders.place(token, [{ productId, quantity: 1, price: 1 }]);
    const updates = await owner.waitFor<RealTimeEvent>('order_update');
    expect(updates.map(({ data }) => data['orderId'])).toEqual([placed.body.id]);
  });
});

describe('stock', () => {
  it('is alerted once per crossing, whatever moves it', async () => {
    const watcher = await subscribed('admin', 1);
    const { id: productId } = await inventory.createProduct(12, { threshold: 10 });
    const token = tokens.of('customer', 7);
    const adjust = (quantity: number) =>
      call('POST', `${inventory.url}/inventory/products/${productId}/adjust`, {
        token: tokens.of('staff', 2),
        body: { quantity, reason: 'count' },
      });
    await orders.place(token, [{ productId, quantity: 1, price: 1 }]); // 11
    await orders.place(token, [{ productId, quantity: 3, price: 1 }]); // 8: low
    await orders.place(token, [{ productId, quantity: 1, price: 1 }]); // 7
    await adjust(-7); // 0: out
    await adjust(20); // 20: restocked

    const isThis = ({ data }: RealTimeEvent): boolean => data['productId'] === productId;
    await watcher.until(
      () => watcher.of<RealTimeEvent>('inventory_update').filter(isThis).length >= 3,
      'three alerts',
      5_000,
    );
    const alerts = watcher.of<RealTimeEvent>('inventory_update').filter(isThis);
    expect(alerts.map(({ data }) => [data['status'], data['quantity']])).toEqual([
      ['low_stock', 8],
      ['out_of_stock', 0],
      ['restocked', 20],
    ]);
  });
});
