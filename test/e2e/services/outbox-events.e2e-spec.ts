import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CanonicalEvent } from '@lib/events';
import { JOURNAL, type Journal } from '@lib/realtime';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered, eventsOf } from '../../support/notify.js';
import { AuthUnderTest, CUSTOMER } from './auth-service.js';
import { CartClient, startCart } from './cart-service.js';
import { testEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { call } from './helpers/http.js';
import { startInventory, type Inventory } from './helpers/inventory.js';
import { startOrders, type Order, type Orders } from './helpers/order.js';
import type { RunningService } from './helpers/service.js';
import { Tokens } from './helpers/tokens.js';

let gateway: RunningGateway;
let auth: AuthUnderTest;
let inventory: Inventory;
let orders: Orders;
let cart: RunningService;
let tokens: Tokens;

/** Every service with its outbox, and the gateway that they publish to. */
beforeAll(async () => {
  const environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  gateway = await runGateway({ JWT_SECRET: environment.JWT_SECRET });
  const settings = { API_GATEWAY_URL: gateway.url };
  auth = await AuthUnderTest.start(environment, settings);
  inventory = await startInventory(environment, settings);
  orders = await startOrders(environment, inventory.grpcUrl, settings);
  cart = await startCart({ ...environment, ...settings, ORDER_URL: orders.url });
});

/** What the journal has of one source and entity, in its order. */
async function journaled(source: string, entity: string | number): Promise<CanonicalEvent[]> {
  const journal = gateway.app.get<Journal>(JOURNAL);
  const { epoch } = await journal.tail();
  const read = await journal.read({ after: { epoch, seq: 0 }, limit: 10_000 });
  if (!('entries' in read)) throw new Error('a gap');
  return read.entries
    .map(({ event }) => event)
    .filter((event) => event.source === source && event.partitionkey === String(entity));
}

/** Waits for as many, and answers type and data. */
async function told(source: string, entity: string | number, count: number): Promise<unknown[]> {
  await eventually(async () => expect(await journaled(source, entity)).toHaveLength(count));
  return (await journaled(source, entity)).map(({ type, data }) => [type, data]);
}

describe('what the services tell', () => {
  it('order: each order as it is created, moves and is cancelled', async () => {
    const { id: productId } = await inventory.createProduct(50);
    const { body } = await orders.place(tokens.of('customer', 7), [{ productId, quantity: 2, price: 19.99 }]);
    await orders.setStatus(tokens.of('staff', 2), body.id, 'CONFIRMED', 'We have it');
    await orders.cancel(tokens.of('customer', 7), body.id, { reason: 'changed my mind' });
    const order = { orderId: body.id, aliasId: body.aliasId, userId: '7' };
    expect(await told('/services/order', body.id, 3)).toEqual([
      ['order.created', { ...order, totalAmount: 39.98, status: 'PENDING' }],
      ['order.status_changed', { ...order, previousStatus: 'PENDING', newStatus: 'CONFIRMED', message: 'We have it' }],
      ['order.cancelled', { ...order, previousStatus: 'CONFIRMED', reason: 'changed my mind' }],
    ]);
  });

  it('inventory: each change of what can be ordered, its alert, and what orders set aside', async () => {
    const { id: productId, name: productName } = await inventory.createProduct(12, { threshold: 10 });
    const token = tokens.of('staff', 2);
    const adjust = (body: object) =>
      call('POST', `${inventory.url}/inventory/products/${productId}/adjust`, { token, body });
    const { body } = await orders.place(tokens.of('customer', 7), [{ productId, quantity: 3, price: 1 }]);
    await orders.cancel(tokens.of('customer', 7), body.id);
    await eventually(async () => expect((await inventory.product(productId)).quantity).toBe(12));
    await adjust({ quantity: -12, reason: 'stolen' });
    expect((await adjust({ quantity: -1, reason: 'more' })).status).toBe(409);
    const product = { productId, productName };
    const change = (previousQuantity: number, quantity: number) => ({ ...product, previousQuantity, quantity });
    expect(await told('/services/inventory', productId, 8)).toEqual([
      ['inventory.changed', change(12, 9)],
      ['inventory.low_stock', { ...change(12, 9), threshold: 10 }],
      ['inventory.reserved', { productId, quantity: 3 }],
      ['inventory.changed', change(9, 12)],
      ['inventory.restocked', { ...change(9, 12), threshold: 10 }],
      ['inventory.released', { productId, quantity: 3 }],
      ['inventory.changed', { ...change(12, 0), reason: 'stolen' }],
      ['inventory.out_of_stock', { ...product, previousQuantity: 12, threshold: 10 }],
    ]);
  });

  it('auth: logins, logouts and roles, to admins alone and without anything secret', async () => {
    const customer = await connect(gateway.url, tokens.of('customer', 7));
    const { body: session } = await auth.login(CUSTOMER);
    expect((await auth.login({ ...CUSTOMER, password: 'wrong-password' })).status).toBe(401);
    const { refreshToken } = session;
    expect((await auth.post('logout', { refreshToken })).status).toBe(204);
    expect((await auth.post('logout', { refreshToken })).status).toBe(204);
    const body = { roles: ['customer', 'staff'] };
    const changed = await call('PUT', auth.url('users/7/roles'), { token: tokens.of('admin', 1), body });
    expect(changed.status).toBe(200);
    const detail = { ...body, previousRoles: ['customer'], by: '1' };
    expect(await told('/services/auth', 7, 3)).toEqual([
      ['user.activity', { userId: '7', action: 'login' }],
      ['user.activity', { userId: '7', action: 'logout' }],
      ['user.activity', { userId: '7', action: 'roles_changed', detail }],
    ]);
    for (const event of await journaled('/services/auth', 7)) {
      expect(event.audiences).toEqual(['role:admin']);
      for (const secret of [refreshToken, session.accessToken, CUSTOMER.password, CUSTOMER.email]) {
        expect(JSON.stringify(event)).not.toContain(secret);
      }
    }
    await allDelivered(gateway, customer);
    expect(eventsOf(customer)).toEqual([]);
  });

  it('auth: a registration; an address that is taken is none', async () => {
    const person = { email: 'new@example.com', password: 'a-new-password', name: 'Nia' };
    const { body } = await auth.register(person);
    expect((await auth.register(person)).status).toBe(409);
    const userId = String(body.user.id);
    expect(await told('/services/auth', userId, 1)).toEqual([['user.activity', { userId, action: 'registered' }]]);
  });

  it('cart: that an order came of a cart, once', async () => {
    const { id: productId } = await inventory.createProduct(5);
    const mine = new CartClient(() => cart, tokens.of('customer', 31));
    expect((await mine.checkOut()).status).toBe(409);
    await mine.add(productId, 2);
    const { body } = await mine.checkOut<Order>();
    const detail = { orderId: body.id };
    expect(await told('/services/cart', 31, 1)).toEqual([
      ['user.activity', { userId: '31', action: 'checked_out', detail }],
    ]);
  });

  it('and their health says that nothing waits', async () => {
    for (const url of [
      auth.url('health'),
      `${inventory.url}/inventory/health`,
      `${orders.url}/orders/health`,
      `${cart.url}/cart/health`,
    ]) {
      await eventually(async () => {
        const { body } = await call<object>('GET', url);
        expect(body).toMatchObject({ status: 'OK', outbox: { waiting: 0, oldestMs: 0, failed: 0 } });
      });
    }
  });
});
