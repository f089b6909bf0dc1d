import { beforeAll, describe, expect, it } from '@jest/globals';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { call, wrongFields } from './helpers/http.js';
import { startInventory, type Inventory, type Product } from './helpers/inventory.js';
import { Tokens } from './helpers/tokens.js';

let environment: TestEnvironment;
let inventory: Inventory;
let tokens: Tokens;
let products: string;

beforeAll(async () => {
  environment = await testEnvironment();
  inventory = await startInventory(environment);
  tokens = new Tokens(environment.JWT_SECRET);
  products = `${inventory.url}/inventory/products`;
});

describe('inventory health', () => {
  it('is open to anyone', async () => {
    const answer = await call<object>('GET', `${inventory.url}/inventory/health`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'OK', service: 'inventory', timestamp: expect.any(String) });
  });
});

describe('products', () => {
  it('are created, read, changed and listed in pages', async () => {
    const token = tokens.of('staff', 2);
    const body = { sku: 'A/1', name: 'Größe “L”', price: 19.99, threshold: 3, quantity: 7, locationId: 'oslo' };
    const created = await call<Product>('POST', products, { token, body });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.any(Number),
      sku: 'A/1',
      name: 'Größe “L”',
      price: 19.99,
      threshold: 3,
      quantity: 7,
      reserved: 0,
      locations: [{ locationId: 'oslo', quantity: 7 }],
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const one = `${products}/${created.body.id}`;

    const changed = await call<Product>('PATCH', one, { token, body: { price: 4.35 } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: 'Größe “L”', price: 4.35, threshold: 3, quantity: 7 });

    await inventory.createProduct(1);
    const customer = tokens.of('customer', 7);
    const page = await call<{ count: number; products: Product[] }>('GET', `${products}?limit=1&offset=0`, {
      token: customer,
    });
    expect(page.body).toMatchObject({ limit: 1, offset: 0, products: [{ id: created.body.id }] });
    expect(page.body.products).toHaveLength(1);
    expect(page.body.count).toBeGreaterThanOrEqual(2);
    expect((await call<Product>('GET', one, { token: customer })).body).toEqual(changed.body);
  });

  it('keep their SKU to themselves', async () => {
    const { sku } = await inventory.createProduct(1);
    const token = tokens.of('admin', 1);
    const again = await call('POST', products, { token, body: { sku, name: 'Another', price: 1 } });
    expect([again.status, again.body.error.code]).toEqual([409, 'conflict']);
    const other = await inventory.createProduct(1);
    const moved = await call('PATCH', `${products}/${other.id}`, { token, body: { sku } });
    expect([moved.status, moved.body.error.code]).toEqual([409, 'conflict']);
  });

  it('that do not exist are 404, and an id that is none is 400', async () => {
    const token = tokens.of('admin', 1);
    for (const [method, path, body] of [
      ['GET', '/2147483647', undefined],
      ['PATCH', '/2147483647', { price: 1 }],
      ['POST', '/2147483647/adjust', { quantity: 1, reason: 'found' }],
    ] as const) {
      const answer = await call(method, products + path, { token, body });
      expect([answer.status, answer.body.error.code]).toEqual([404, 'not_found']);
    }
    for (const id of ['0', '-1', 'abc', '1.5', '99999999999', '2147483648', '%00', "1'--"]) {
      const answer = await call('GET', `${products}/${id}`, { token });
      expect([id, answer.status, answer.body.error.code]).toEqual([id, 400, 'invalid_payload']);
    }
  });
});

const adjust = (id: number, body: unknown, token = tokens.of('staff', 2)) =>
  call<Product>('POST', `${products}/${id}/adjust`, { token, body });

describe('adjusting stock', () => {
  it('adds and takes at a location, and sums over all', async () => {
    const { id } = await inventory.createProduct(5);
    await adjust(id, { quantity: 3, locationId: 'rome', reason: 'delivery' });
    const answer = await adjust(id, { quantity: -4, reason: 'broken' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      quantity: 4,
      locations: [
        { locationId: 'main', quantity: 1 },
        { locationId: 'rome', quantity: 3 },
      ],
    });
  });

  it('never takes more than a location holds', async () => {
    const { id } = await inventory.createProduct(5);
    await adjust(id, { quantity: 9, locationId: 'rome', reason: 'delivery' });
    for (const locationId of ['main', 'nowhere']) {
      const available = locationId === 'main' ? 5 : 0;
      const answer = await call('POST', `${products}/${id}/adjust`, {
        token: tokens.of('admin', 1),
        body: { quantity: -6, locationId, reason: 'broken' },
      });
      expect([answer.status, answer.body.error.code]).toEqual([409, 'insufficient_stock']);
      expect(answer.body.error.details).toEqual({ productId: id, locationId, requested: 6, available });
    }
    expect((await inventory.product(id)).quantity).toBe(14);
  });

  it('loses none of many changes made at once', async () => {
    const { id } = await inventory.createProduct(10);
    const changes = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? 2 : -1));
    const answers = await Promise.all(changes.map((quantity) => adjust(id, { quantity, reason: 'count' })));
    const done = answers.reduce((sum, { status }, index) => sum + (status === 200 ? (changes[index] ?? 0) : 0), 10);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(await inventory.product(id)).toMatchObject({ quantity: done, locations: [{ quantity: done }] });
  });

  it('stops at the limit instead of overflowing', async () => {
    const { id } = await inventory.createProduct(1_000_000_000);
    const answer = await call('POST', `${products}/${id}/adjust`, {
      token: tokens.of('admin', 1),
      body: { quantity: 1_000_000_000, reason: 'too much' },
    });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'conflict']);
  });
});

describe('refusals', () => {
  const routes = [
    ['GET', ''],
    ['GET', '/1'],
    ['POST', ''],
    ['PATCH', '/1'],
    ['POST', '/1/adjust'],
  ] as const;

  it.each(routes)('%s /inventory/products%s needs a valid token', async (method, path) => {
    const none = await call(method, products + path);
    expect([none.status, none.body.error.code]).toEqual([401, 'auth_required']);
    const expired = await call(method, products + path, { token: tokens.expired('admin', 1) });
    expect([expired.status, expired.body.error.code]).toEqual([401, 'token_expired']);
    const forged = await call(method, products + path, { token: new Tokens('x'.repeat(32)).of('admin', 1) });
    expect([forged.status, forged.body.error.code]).toEqual([401, 'token_invalid']);
  });

  it.each(routes.slice(2))('%s /inventory/products%s is for admin and staff', async (method, path) => {
    for (const role of ['customer', 'service'] as const) {
      const answer = await call(method, products + path, { token: tokens.of(role, 7), body: {} });
      expect([answer.status, answer.body.error.code]).toEqual([403, 'forbidden']);
    }
  });

  it('name every wrong field', async () => {
    const token = tokens.of('admin', 1);
    const { id } = await inventory.createProduct(1);
    const post = await call('POST', products, {
      token,
      body: { sku: 'a b', name: 'x\0y', price: 1.999, threshold: -1, quantity: 1.5, locationId: null, colour: 'red' },
    });
    expect(post.status).toBe(400);
    expect(wrongFields(post)).toEqual(['colour', 'locationId', 'name', 'price', 'quantity', 'sku', 'threshold']);
    const patch = await call('PATCH', `${products}/${id}`, { token, body: { name: '', price: null, available: 5 } });
    expect([patch.status, wrongFields(patch)]).toEqual([400, ['available', 'name', 'price']]);
    const adjusted = await call('POST', `${products}/${id}/adjust`, {
      token,
      body: { quantity: 0, locationId: '../x' },
    });
    expect([adjusted.status, wrongFields(adjusted)]).toEqual([400, ['locationId', 'quantity', 'reason']]);
    const list = await call('GET', `${products}?limit=0&offset=x&sort=1`, { token });
    expect([list.status, wrongFields(list)]).toEqual([400, ['limit', 'offset', 'sort']]);
  });

  it.each(['', '{', '[]', 'null', '"x"', '5', '{"__proto__":{"x":1}}', '[[[[]]]]'])(
    'a body of %j is 400',
    async (body) => {
      const answer = await call('POST', products, { token: tokens.of('admin', 1), body });
      expect(answer.status).toBe(400);
    },
  );
});

describe('a restart', () => {
  it('keeps the stock', async () => {
    const other = await testEnvironment();
    const before = await startInventory(other);
    const { id } = await before.createProduct(5);
    await before.stock.reserve('1', [{ productId: id, quantity: 2 }]);
    const kept = await before.product(id);
    await before.stop();
    const after = await startInventory(other);
    expect(await after.product(id)).toEqual(kept);
    expect(kept).toMatchObject({ quantity: 3, reserved: 2 });
  });
});
