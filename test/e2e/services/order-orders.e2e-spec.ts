import { beforeAll, describe, expect, it } from '@jest/globals';
import { testEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { call, wrongFields, type Refusal } from './helpers/http.js';
import { startInventory, type Inventory } from './helpers/inventory.js';
import { startOrders, type Orders } from './helpers/order.js';
import { Tokens } from './helpers/tokens.js';

let inventory: Inventory;
let orders: Orders;
let tokens: Tokens;
let customer: string;
let staff: string;

beforeAll(async () => {
  const environment = await testEnvironment();
  inventory = await startInventory(environment);
  orders = await startOrders(environment, inventory.grpcUrl);
  tokens = new Tokens(environment.JWT_SECRET);
  customer = tokens.of('customer', 7);
  staff = tokens.of('staff', 2);
});

describe('order health', () => {
  it.each(['/orders/health', '/order/health'])('is open to anyone at %s', async (path) => {
    const answer = await call<object>('GET', orders.url + path);
    expect(answer.status).toBe(200);
    const outbox = { waiting: 0, oldestMs: 0, failed: 0 };
    expect(answer.body).toEqual({ status: 'OK', service: 'order', timestamp: expect.any(String), outbox });
  });
});

describe('placing an order', () => {
  it('saves it, reserves its stock and answers it', async () => {
    const [a, b] = [await inventory.createProduct(5), await inventory.createProduct(9)];
    const items = [
      { productId: a.id, quantity: 3, price: 0.1 },
      { productId: b.id, quantity: 1, price: 19.99 },
    ];
    const placed = await orders.place(customer, items);
    expect(placed.status).toBe(201);
    expect(placed.body).toEqual({
      id: expect.any(Number),
      aliasId: `ORDER-${placed.body.id}`,
      userId: 7,
      addressId: 1,
      status: 'PENDING',
      totalAmount: 20.29,
      items,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updatedAt: placed.body.createdAt,
    });
    expect(await inventory.product(a.id)).toMatchObject({ quantity: 2, reserved: 3 });
    expect((await orders.read(customer, placed.body.id)).body).toEqual(placed.body);
  });

  it('keeps ids of other systems as they are', async () => {
    const { id } = await inventory.createProduct(1);
    const body = { addressId: 'home-1', items: [{ productId: id, quantity: 1, price: 1 }] };
    const placed = await orders.place(tokens.of('customer', 'auth0:7'), [], { body });
    expect(placed.body).toMatchObject({ userId: 'auth0:7', addressId: 'home-1' });
  });

  it('refuses it where stock is short, naming the lines, and leaves nothing behind', async () => {
    const [a, b] = [await inventory.createProduct(5), await inventory.createProduct(1)];
    const before = (await orders.list(staff)).body.count;
    const answer = await orders.place<Refusal>(customer, [
      { productId: a.id, quantity: 1, price: 1 },
      { productId: b.id, quantity: 2, price: 1 },
      { productId: 999_999, quantity: 1, price: 1 },
    ]);
    expect([answer.status, answer.body.error.code]).toEqual([409, 'insufficient_stock']);
    expect(answer.body.error.details).toEqual({
      lines: [
        { productId: b.id, requested: 2, available: 1 },
        { productId: 999_999, requested: 1, available: 0 },
      ],
    });
    expect(await inventory.product(a.id)).toMatchObject({ quantity: 5, reserved: 0 });
    expect((await orders.list(staff)).body.count).toBe(before);
  });

  it('gives 20 racing orders for the last 5 pieces exactly 5', async () => {
    const { id } = await inventory.createProduct(5);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, user) =>
        orders.place(tokens.of('customer', 100 + user), [{ productId: id, quantity: 1, price: 1 }]),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
    expect(await inventory.product(id)).toMatchObject({ quantity: 0, reserved: 5 });
  });
});

const headers = (key: string) => ({ headers: { 'idempotency-key': key } });

describe('an Idempotency-Key', () => {
  it('makes a repeated request answer what the first one did, whatever has become of the order', async () => {
    const { id } = await inventory.createProduct(5);
    const items = [{ productId: id, quantity: 1, price: 2.5 }];
    const first = await orders.place(customer, items, headers('k1'));
    await orders.setStatus(staff, first.body.id, 'CONFIRMED');
    const again = await orders.place(customer, items, headers('k1'));
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(await inventory.product(id)).toMatchObject({ reserved: 1 });
  });

  it('places one order of many sent at once', async () => {
    const { id } = await inventory.createProduct(5);
    const items = [{ productId: id, quantity: 1, price: 2.5 }];
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => orders.place(customer, items, headers('k-at-once'))),
    );
    const placed = answers.filter(({ status }) => status === 201);
    expect(new Set(placed.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await inventory.product(id)).toMatchObject({ quantity: 4, reserved: 1 });
  });

  it('repeats a refusal for short stock', async () => {
    const { id } = await inventory.createProduct(0);
    const items = [{ productId: id, quantity: 1, price: 1 }];
    const first = await orders.place<Refusal>(customer, items, headers('k-short'));
    const token = tokens.of('admin', 1);
    await call('POST', `${inventory.url}/inventory/products/${id}/adjust`, {
      token,
      body: { quantity: 5, reason: 'in' },
    });
    const again = await orders.place<Refusal>(customer, items, headers('k-short'));
    expect([again.status, again.body]).toEqual([409, first.body]);
  });

  it('refuses another body, and is each user’s own', async () => {
    const { id } = await inventory.createProduct(5);
    await orders.place(customer, [{ productId: id, quantity: 1, price: 1 }], headers('k2'));
    const items = [{ productId: id, quantity: 2, price: 1 }];
    const other = await orders.place<Refusal>(customer, items, headers('k2'));
    expect([other.status, other.body.error.code]).toEqual([409, 'idempotency_conflict']);
    expect((await orders.place(tokens.of('customer', 8), items, headers('k2'))).status).toBe(201);
  });

  it.each(['a b', 'x'.repeat(129), 'é'])('may not be %j', async (key) => {
    const answer = await orders.place<Refusal>(customer, [{ productId: 1, quantity: 1, price: 1 }], headers(key));
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['Idempotency-Key']]);
  });
});

describe('reading orders', () => {
  it('shows customers their own, and admin and staff all, in pages, by status', async () => {
    const { id } = await inventory.createProduct(50);
    const items = [{ productId: id, quantity: 1, price: 1 }];
    const [mine, theirs] = [tokens.of('customer', 501), tokens.of('customer', 502)];
    const placed = [
      await orders.place(mine, items),
      await orders.place(theirs, items),
      await orders.place(mine, items),
    ].map(({ body }) => body);
    await orders.cancel(mine, placed[0]?.id ?? 0);

    const own = await orders.list(mine);
    expect(own.body).toMatchObject({ count: 2, limit: 20, offset: 0 });
    expect(own.body.orders.map((order) => order.id)).toEqual([placed[2]?.id, placed[0]?.id]);
    expect((await orders.list(mine, '?status=CANCELLED')).body.orders).toMatchObject([{ id: placed[0]?.id }]);
    expect((await orders.list(mine, '?limit=1&offset=1')).body.orders).toMatchObject([{ id: placed[0]?.id }]);
    for (const role of ['staff', 'admin', 'super_admin'] as const) {
      const all = await orders.list(tokens.of(role, 2), '?limit=3');
      expect(all.body.orders.map((order) => order.id)).toEqual(placed.map((order) => order.id).toReversed());
      expect((await orders.read(tokens.of(role, 2), placed[1]?.id ?? 0)).status).toBe(200);
    }
  });

  it('hides another customer’s order as if it did not exist', async () => {
    const { id } = await inventory.createProduct(5);
    const placed = await orders.place(customer, [{ productId: id, quantity: 1, price: 1 }]);
    const other = tokens.of('customer', 8);
    for (const answer of [
      await orders.read<Refusal>(other, placed.body.id),
      await orders.cancel<Refusal>(other, placed.body.id),
      await orders.read<Refusal>(other, 2_147_483_647),
    ]) {
      expect([answer.status, answer.body]).toEqual([
        404,
        { success: false, error: { code: 'not_found', message: 'Not found' } },
      ]);
    }
    expect((await orders.read(customer, placed.body.id)).body.status).toBe('PENDING');
  });
});

describe('refusals', () => {
  const routes = [
    ['GET', ''],
    ['GET', '/1'],
    ['POST', ''],
    ['PATCH', '/1/status'],
    ['POST', '/1/cancel'],
  ] as const;

  it.each(routes)('%s /order/orders%s needs a valid token', async (method, path) => {
    const url = `${orders.url}/order/orders${path}`;
    const none = await call(method, url);
    expect([none.status, none.body.error.code]).toEqual([401, 'auth_required']);
    const expired = await call(method, url, { token: tokens.expired('admin', 1) });
    expect([expired.status, expired.body.error.code]).toEqual([401, 'token_expired']);
    const forged = await call(method, url, { token: new Tokens('x'.repeat(32)).of('admin', 1) });
    expect([forged.status, forged.body.error.code]).toEqual([401, 'token_invalid']);
  });

  it('only users place orders, and customers change no status', async () => {
    const placed = await orders.place<Refusal>(tokens.of('service', 'cart'), [{ productId: 1, quantity: 1, price: 1 }]);
    expect([placed.status, placed.body.error.code]).toEqual([403, 'forbidden']);
    const changed = await orders.setStatus<Refusal>(customer, 1, 'CONFIRMED');
    expect([changed.status, changed.body.error.code]).toEqual([403, 'forbidden']);
  });

  it.each([
    [{}, ['addressId', 'items']],
    [{ addressId: 0, items: [] }, ['addressId', 'items']],
    [{ addressId: 'a\0b', items: {} }, ['addressId', 'items', 'items.price', 'items.productId', 'items.quantity']],
    [{ addressId: 1, items: [[]] }, ['items']],
    [{ addressId: 1, items: [null, 5, 'x'] }, ['items', 'items.0', 'items.1', 'items.2']],
    [
      { addressId: 1, items: [{ productId: '1', quantity: 0, price: 1.999 }] },
      ['items.0.price', 'items.0.productId', 'items.0.quantity'],
    ],
    [
      { addressId: 1, items: [{ productId: 1, quantity: 1, price: -1, discount: 5 }], total: 1 },
      ['items.0.discount', 'items.0.price', 'total'],
    ],
    [
      { addressId: 1, items: [{ productId: 2_147_483_648, quantity: 1e9, price: 1e12 }] },
      ['items.0.price', 'items.0.productId', 'items.0.quantity'],
    ],
  ])('%j is refused, each wrong field named', async (body, fields) => {
    const answer = await orders.place<Refusal>(customer, [], { body });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_payload']);
    expect(wrongFields(answer)).toEqual(fields);
  });

  it('a bad status, message, query or id is 400', async () => {
    const status = await call('PATCH', `${orders.url}/order/orders/1/status`, {
      token: staff,
      body: { status: 'PLACING', message: 'a\0', by: 'me' },
    });
    expect([status.status, wrongFields(status)]).toEqual([400, ['by', 'message', 'status']]);
    const list = await call('GET', `${orders.url}/order/orders?status=REFUSED&limit=101`, { token: staff });
    expect([list.status, wrongFields(list)]).toEqual([400, ['limit', 'status']]);
    for (const id of ['0', 'abc', '2147483648', '%00']) {
      expect((await orders.read(customer, id)).status).toBe(400);
      expect((await orders.setStatus(staff, id, 'CONFIRMED')).status).toBe(400);
      expect((await orders.cancel(staff, id)).status).toBe(400);
    }
    expect((await orders.setStatus(staff, 2_147_483_647, 'CONFIRMED')).status).toBe(404);
  });
});

describe('cancelling', () => {
  it('gives the stock back', async () => {
    const { id } = await inventory.createProduct(5);
    const placed = await orders.place(customer, [{ productId: id, quantity: 5, price: 1 }]);
    const cancelled = await orders.cancel(customer, placed.body.id, { reason: 'changed my mind' });
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'CANCELLED']);
    await eventually(async () => expect(await inventory.product(id)).toMatchObject({ quantity: 5, reserved: 0 }));
  });
});
