import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CartView } from '../../../apps/cart/src/cart/cart-arithmetic.js';
import { CartClient, startCart } from './cart-service.js';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { call, wrongFields, type Refusal } from './helpers/http.js';
import type { RunningService } from './helpers/service.js';
import { Tokens } from './helpers/tokens.js';

const EMPTY = { items: [], totalQuantity: 0, totalAmount: 0, checkoutPending: false };

let environment: TestEnvironment;
let tokens: Tokens;
let cart: RunningService;
let users = 0;

/** A user nobody has been before. */
const newUser = (): CartClient => new CartClient(() => cart, tokens.of('customer', `user-${++users}`));

beforeAll(async () => {
  environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  cart = await startCart(environment);
});

describe('a cart', () => {
  it('is empty at first', async () => {
    const { status, body } = await newUser().read();
    expect([status, body]).toEqual([200, EMPTY]);
  });

  it('holds what was put in, in that order, with exact totals', async () => {
    const mine = newUser();
    await mine.add(9, 3, 0.1);
    const { status, body } = await mine.add(4, 2, 19.99);
    expect(status).toBe(201);
    expect(body).toEqual({
      items: [
        { productId: 9, quantity: 3, price: 0.1, lineTotal: 0.3 },
        { productId: 4, quantity: 2, price: 19.99, lineTotal: 39.98 },
      ],
      totalQuantity: 5,
      totalAmount: 40.28,
      checkoutPending: false,
    });
    expect((await mine.read()).body).toEqual(body);
  });

  it('adds to a product that it holds already, at the newest price', async () => {
    const mine = newUser();
    await mine.add(1, 2, 5);
    const { body } = await mine.add(1, 3, 4.5);
    expect(body.items).toEqual([{ productId: 1, quantity: 5, price: 4.5, lineTotal: 22.5 }]);
  });

  it('changes a quantity, and takes a product out', async () => {
    const mine = newUser();
    await mine.add(1);
    await mine.add(2, 1, 3);
    const changed = await mine.call<CartView>('PATCH', '/items/2', { quantity: 4 });
    expect([changed.status, changed.body.totalAmount]).toEqual([200, 21.99]);
    const removed = await mine.call<CartView>('DELETE', '/items/1');
    expect([removed.status, removed.body.totalAmount]).toEqual([200, 12]);
    expect((await mine.read()).body).toEqual(removed.body);
  });

  it('is cleared as a whole, and may be when it is empty', async () => {
    const mine = newUser();
    await mine.add(1);
    await mine.add(2);
    for (let time = 0; time < 2; time++) expect((await mine.call('DELETE', '')).status).toBe(204);
    expect((await mine.read()).body).toEqual(EMPTY);
  });

  it('is of one user alone', async () => {
    const [mine, other] = [newUser(), newUser()];
    await mine.add(1);
    expect((await other.read()).body).toEqual(EMPTY);
    expect((await other.call('DELETE', '/items/1')).status).toBe(404);
    expect((await mine.read()).body.totalQuantity).toBe(1);
  });

  it('loses nothing where many add at once', async () => {
    const mine = newUser();
    await Promise.all(Array.from({ length: 20 }, (_, index) => mine.add(1 + (index % 2), 1, 1)));
    const { body } = await mine.read();
    expect(body.items.map(({ quantity }) => quantity)).toEqual([10, 10]);
  });

  it('is there after a restart of the service', async () => {
    const mine = newUser();
    const { body } = await mine.add(3, 2, 1.15);
    await cart.stop();
    cart = await startCart(environment);
    expect((await mine.read()).body).toEqual(body);
  });
});

describe('a cart refuses', () => {
  const valid = { productId: 1, quantity: 1, price: 1 };

  it('more than 100 products, and more than 10000 pieces of one', async () => {
    const mine = newUser();
    for (let productId = 1; productId <= 100; productId++) await mine.add(productId);
    const refused = await mine.call<Refusal>('POST', '/items', { ...valid, productId: 101 });
    expect([refused.status, refused.body.error]).toEqual([
      409,
      { code: 'conflict', message: 'A cart holds at most 100 products' },
    ]);
    expect((await mine.add(100, 9_999)).status).toBe(201);
    const pieces = await mine.call<Refusal>('POST', '/items', { ...valid, productId: 100 });
    expect([pieces.status, pieces.body.error.message]).toEqual([
      409,
      'A cart holds at most 10000 pieces of one product',
    ]);
    expect((await mine.read()).body.items).toHaveLength(100);
  });

  it.each([
    ['nothing', {}, ['price', 'productId', 'quantity']],
    ['other types', { productId: '1', quantity: true, price: '1' }, ['price', 'productId', 'quantity']],
    ['too little', { productId: 0, quantity: 0, price: 0 }, ['price', 'productId', 'quantity']],
    ['too much', { productId: 2 ** 31, quantity: 10_001, price: 1_000_000.01 }, ['price', 'productId', 'quantity']],
    ['fractions', { productId: 1.5, quantity: 1.5, price: 0.001 }, ['price', 'productId', 'quantity']],
    ['another user', { ...valid, userId: '8' }, ['userId']],
  ])('an item of %s, and names the fields', async (_, body, fields) => {
    const answer = await newUser().call<Refusal>('POST', '/items', body);
    expect([answer.status, answer.body.error.code, wrongFields(answer)]).toEqual([400, 'invalid_payload', fields]);
  });

  it.each([{}, { quantity: 0 }, { quantity: 10_001 }, { quantity: '2' }, { quantity: null }])(
    'a change of quantity to %j',
    async (body) => {
      const answer = await newUser().call<Refusal>('PATCH', '/items/1', body);
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['quantity']]);
    },
  );

  it('what is no product id, and a product it does not hold', async () => {
    const mine = newUser();
    for (const id of ['0', '-1', 'x', '1.5', '2147483648', '%00']) {
      const answer = await mine.call<Refusal>('DELETE', `/items/${id}`);
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['productId']]);
      expect((await mine.call('PATCH', `/items/${id}`, { quantity: 1 })).status).toBe(400);
    }
    expect((await mine.call('DELETE', '/items/1')).status).toBe(404);
    expect((await mine.call('PATCH', '/items/1', { quantity: 1 })).status).toBe(404);
  });

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/items'],
    ['PATCH', '/items/1'],
    ['DELETE', '/items/1'],
    ['POST', '/checkout'],
  ])('whoever has no valid token: %s /cart%s', async (method, path) => {
    const url = `${cart.url}/cart${path}`;
    const missing = await call(method, url);
    expect([missing.status, missing.body.error.code]).toEqual([401, 'auth_required']);
    const expired = await call(method, url, { token: tokens.expired('customer', 7) });
    expect([expired.status, expired.body.error.code]).toEqual([401, 'token_expired']);
    const forged = await call(method, url, { token: new Tokens('another secret').of('customer', 7) });
    expect([forged.status, forged.body.error.code]).toEqual([401, 'token_invalid']);
  });
});

describe('GET /cart/health', () => {
  it('says that the service is healthy', async () => {
    const { status, body } = await call<unknown>('GET', `${cart.url}/cart/health`);
    const outbox = { waiting: 0, oldestMs: 0, failed: 0 };
    expect([status, body]).toEqual([200, { status: 'OK', service: 'cart', timestamp: expect.any(String), outbox }]);
  });
});
