import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readEnv } from '@lib/service';
import { OrderServiceModule } from '../../../apps/order/src/app.module.js';
import { orderEnv } from '../../../apps/order/src/config.js';
import type { OrderPage, OrderView } from '../../../apps/order/src/orders/order.view.js';
import { startLine, type Line } from './cart-line.js';
import { CartClient, startCart } from './cart-service.js';
import { testEnvironment } from './helpers/environment.js';
import { call, type Refusal } from './helpers/http.js';
import { NO_GATEWAY, startInventory, type Inventory } from './helpers/inventory.js';
import { startService, type RunningService } from './helpers/service.js';
import { Tokens } from './helpers/tokens.js';

const EMPTY = { items: [], totalQuantity: 0, totalAmount: 0, checkoutPending: false };

let environment: Record<string, string>;
let tokens: Tokens;
let inventory: Inventory;
let orders: RunningService;
let line: Line;
let cart: RunningService;

/** The customer of one test. */
let user: number = 100;
let mine: CartClient;

async function myOrders(): Promise<OrderView[]> {
  const token = tokens.of('customer', user);
  return (await call<OrderPage>('GET', `${orders.url}/order/orders`, { token })).body.orders;
}

/** A cart with two pieces of a product of which there are as many as given. */
async function fill(stock: number): Promise<number> {
  const { id } = await inventory.createProduct(stock);
  await mine.add(id, 2, 19.99);
  return id;
}

beforeAll(async () => {
  const shared = await testEnvironment();
  tokens = new Tokens(shared.JWT_SECRET);
  inventory = await startInventory(shared);
  const config = readEnv(orderEnv, {
    ...shared,
    API_GATEWAY_URL: NO_GATEWAY,
    INVENTORY_GRPC_URL: inventory.grpcUrl,
  });
  orders = await startService('order', config, OrderServiceModule.forRoot(config));
  line = await startLine(orders.url);
  environment = { ...shared, ORDER_URL: line.url };
  cart = await startCart(environment);
});

beforeEach(() => {
  user += 1;
  mine = new CartClient(() => cart, tokens.of('customer', user));
  line.losesAnswers = false;
});

describe('a check-out', () => {
  it('makes an order of the cart, reserves its stock and empties the cart', async () => {
    const productId = await fill(10);
    const { status, body } = await mine.checkOut<OrderView>('home');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      userId: user,
      addressId: 'home',
      status: 'PENDING',
      totalAmount: 39.98,
      items: [{ productId, quantity: 2, price: 19.99 }],
    });
    expect((await mine.read()).body).toEqual(EMPTY);
    expect(await myOrders()).toEqual([body]);
    expect((await inventory.product(productId)).reserved).toBe(2);
  });

  it('makes two orders of two carts, one after the other', async () => {
    await fill(10);
    const first = await mine.checkOut<OrderView>();
    await fill(10);
    const second = await mine.checkOut<OrderView>();
    expect([first.status, second.status]).toEqual([201, 201]);
    expect((await myOrders()).map(({ id }) => id)).toEqual([second.body.id, first.body.id]);
  });

  it('without enough stock is refused with the lines that fail, and leaves the cart, open for changes', async () => {
    const productId = await fill(1);
    const { body: before } = await mine.read();
    const { status, body } = await mine.checkOut<Refusal>();
    expect([status, body.error.code]).toEqual([409, 'insufficient_stock']);
    expect(body.error.details).toEqual({ lines: [{ productId, requested: 2, available: 1 }] });
    expect((await mine.read()).body).toEqual(before);

    expect((await mine.call('PATCH', `/items/${productId}`, { quantity: 1 })).status).toBe(200);
    expect((await mine.checkOut()).status).toBe(201);
    expect((await mine.read()).body).toEqual(EMPTY);
  });

  it('succeeds once there is stock again, though the same cart was refused before', async () => {
    const productId = await fill(0);
    expect((await mine.checkOut()).status).toBe(409);
    await call('POST', `${inventory.url}/inventory/products/${productId}/adjust`, {
      token: tokens.of('admin', 1),
      body: { quantity: 5, reason: 'delivery' },
    });
    expect((await mine.checkOut()).status).toBe(201);
  });

  it('makes one order where many race', async () => {
    const productId = await fill(10);
    const answers = await Promise.all(Array.from({ length: 8 }, () => mine.checkOut<OrderView>()));
    const placed = answers.filter(({ status }) => status === 201);
    expect(new Set(placed.map(({ body }) => body.id)).size).toBe(1);
    // Whoever came when it was done found the cart empty.
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await myOrders()).toHaveLength(1);
    expect((await inventory.product(productId)).reserved).toBe(2);
  });

  it('makes one order where two processes of the service race', async () => {
    const second = await startCart(environment);
    const elsewhere = new CartClient(() => second, tokens.of('customer', user));
    const productId = await fill(10);
    const answers = await Promise.all([mine.checkOut<OrderView>(), elsewhere.checkOut<OrderView>()]);
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await myOrders()).toHaveLength(1);
    expect((await inventory.product(productId)).reserved).toBe(2);
    expect((await mine.read()).body).toEqual(EMPTY);
    await second.stop();
  });

  it('is refused to who may place no orders, as the order service says, and leaves the cart open', async () => {
    const service = new CartClient(() => cart, tokens.of('service', `service-${user}`));
    await service.add(1);
    const { status, body } = await service.checkOut<Refusal>();
    expect([status, body.error.code]).toEqual([403, 'forbidden']);
    expect((await service.read()).body).toMatchObject({ totalQuantity: 1, checkoutPending: false });
  });
});

describe('a check-out whose answer is lost', () => {
  it('keeps the cart, and a retry gets the one order that was made', async () => {
    await fill(10);
    line.losesAnswers = true;
    const lost = await mine.checkOut<Refusal>();
    expect([lost.status, lost.body.error.code]).toEqual([503, 'unavailable']);
    expect((await mine.read()).body).toMatchObject({ totalQuantity: 2, checkoutPending: true });
    const [made] = await myOrders();

    line.losesAnswers = false;
    const { status, body } = await mine.checkOut<OrderView>();
    expect([status, body]).toEqual([201, made]);
    expect((await mine.read()).body).toEqual(EMPTY);
    expect(await myOrders()).toHaveLength(1);
  });

  it('is still known after a restart of the service, so that a retry makes no second order', async () => {
    await fill(10);
    line.losesAnswers = true;
    await mine.checkOut();
    await cart.stop();
    line.losesAnswers = false;
    cart = await startCart(environment);
    expect((await mine.checkOut()).status).toBe(201);
    expect(await myOrders()).toHaveLength(1);
    expect((await mine.read()).body).toEqual(EMPTY);
  });

  it('closes the cart to changes and to another address until it is settled', async () => {
    const productId = await fill(10);
    line.losesAnswers = true;
    await mine.checkOut('home');
    line.losesAnswers = false;
    const changes = await Promise.all([
      mine.call<Refusal>('POST', '/items', { productId, quantity: 1, price: 1 }),
      mine.call<Refusal>('PATCH', `/items/${productId}`, { quantity: 1 }),
      mine.call<Refusal>('DELETE', `/items/${productId}`),
      mine.call<Refusal>('DELETE', ''),
      mine.checkOut<Refusal>('office'),
    ]);
    for (const { status, body } of changes) {
      expect([status, body.error.code]).toEqual([409, 'conflict']);
      expect(body.error.message).toContain('not settled');
    }
    expect((await mine.checkOut('home')).status).toBe(201);
    expect((await mine.add(productId)).status).toBe(201);
  });

  it('is not settled by a retry that the order service turns away at the door', async () => {
    await fill(10);
    line.losesAnswers = true;
    await mine.checkOut();
    line.losesAnswers = false;
    const asService = new CartClient(() => cart, tokens.of('service', user));
    expect((await asService.checkOut()).status).toBe(403);
    expect((await mine.read()).body).toMatchObject({ totalQuantity: 2, checkoutPending: true });
    expect((await mine.checkOut()).status).toBe(201);
    expect(await myOrders()).toHaveLength(1);
  });
});
