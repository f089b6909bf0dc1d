import { beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import { TokenService } from '@lib/auth';
import { StockRpcClient } from '@lib/stock-rpc';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { startInventory, type Inventory } from './helpers/inventory.js';

let environment: TestEnvironment;
let inventory: Inventory;
let orders = 0;
const newOrder = (): string => `order-${(orders += 1)}`;

beforeAll(async () => {
  environment = await testEnvironment();
  inventory = await startInventory(environment);
});

describe('reserving by gRPC', () => {
  it('sets pieces aside, and release gives them back to where they lay', async () => {
    const { id } = await inventory.createProduct(5);
    const order = newOrder();
    expect(await inventory.stock.reserve(order, [{ productId: id, quantity: 2 }])).toEqual([]);
    expect(await inventory.product(id)).toMatchObject({ quantity: 3, reserved: 2, locations: [{ quantity: 3 }] });
    await inventory.stock.release(order);
    expect(await inventory.product(id)).toMatchObject({ quantity: 5, reserved: 0, locations: [{ quantity: 5 }] });
  });

  it('takes all lines or none, and names those that failed with what there is', async () => {
    const [a, b] = [await inventory.createProduct(5), await inventory.createProduct(1)];
    const failed = await inventory.stock.reserve(newOrder(), [
      { productId: b.id, quantity: 1 },
      { productId: 999_999, quantity: 1 },
      { productId: a.id, quantity: 2 },
      { productId: b.id, quantity: 1 },
    ]);
    expect(failed).toEqual([
      { productId: b.id, requested: 2, available: 1 },
      { productId: 999_999, requested: 1, available: 0 },
    ]);
    expect(await inventory.product(a.id)).toMatchObject({ quantity: 5, reserved: 0 });
  });

  it('may be tried again after it failed', async () => {
    const { id } = await inventory.createProduct(1);
    const order = newOrder();
    expect(await inventory.stock.reserve(order, [{ productId: id, quantity: 2 }])).toHaveLength(1);
    expect(await inventory.stock.reserve(order, [{ productId: id, quantity: 1 }])).toEqual([]);
  });

  it('changes nothing when any call is repeated, also at once', async () => {
    const { id } = await inventory.createProduct(5);
    const order = newOrder();
    const lines = [{ productId: id, quantity: 2 }];
    const answers = await Promise.all(Array.from({ length: 8 }, () => inventory.stock.reserve(order, lines)));
    expect(answers.flat()).toEqual([]);
    expect(await inventory.product(id)).toMatchObject({ quantity: 3, reserved: 2 });
    await Promise.all(Array.from({ length: 8 }, () => inventory.stock.commit(order)));
    expect(await inventory.product(id)).toMatchObject({ quantity: 3, reserved: 0 });

    const other = newOrder();
    await inventory.stock.reserve(other, lines);
    await Promise.all(Array.from({ length: 8 }, () => inventory.stock.release(other)));
    expect(await inventory.product(id)).toMatchObject({ quantity: 3, reserved: 0 });
  });

  it('refuses a reservation that arrives after its order was given up', async () => {
    const { id } = await inventory.createProduct(5);
    const order = newOrder();
    await inventory.stock.release(order);
    await expect(inventory.stock.reserve(order, [{ productId: id, quantity: 1 }])).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await inventory.product(id)).quantity).toBe(5);
  });

  it('neither holds nor leaks when reserve and release of an order race', async () => {
    const { id } = await inventory.createProduct(5);
    for (let round = 0; round < 10; round += 1) {
      const order = newOrder();
      await Promise.allSettled([
        inventory.stock.reserve(order, [{ productId: id, quantity: 5 }]),
        inventory.stock.release(order),
      ]);
      await inventory.stock.release(order);
      expect(await inventory.product(id)).toMatchObject({ quantity: 5, reserved: 0 });
    }
  });

  it('refuses other lines, and what contradicts the past', async () => {
    const { id } = await inventory.createProduct(5);
    const order = newOrder();
    await inventory.stock.reserve(order, [{ productId: id, quantity: 1 }]);
    const refused = { code: 'conflict' };
    await expect(inventory.stock.reserve(order, [{ productId: id, quantity: 2 }])).rejects.toMatchObject(refused);
    await inventory.stock.commit(order);
    await expect(inventory.stock.release(order)).rejects.toMatchObject(refused);
    await expect(inventory.stock.commit(newOrder())).rejects.toMatchObject({ code: 'not_found' });
    const released = newOrder();
    await inventory.stock.release(released);
    await expect(inventory.stock.commit(released)).rejects.toMatchObject(refused);
  });

  it('lets 20 racing orders have exactly the 5 pieces there are, over several locations', async () => {
    const { id } = await inventory.createProduct(3);
    const { id: other } = await inventory.createProduct(100);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const lines = [
          { productId: id, quantity: 1 },
          { productId: other, quantity: 1 },
        ];
        return inventory.stock.reserve(newOrder(), index % 2 === 0 ? lines : lines.toReversed());
      }),
    );
    expect(answers.filter((failed) => failed.length === 0)).toHaveLength(3);
    expect(await inventory.product(id)).toMatchObject({ quantity: 0, reserved: 3 });
    expect(await inventory.product(other)).toMatchObject({ quantity: 97, reserved: 3 });
  });
});

const clientWith = (secret: string, roles: string[]): StockRpcClient => {
  const tokens = new TokenService(new JwtService({ secret, signOptions: { algorithm: 'HS256' } }));
  const sign = tokens.sign.bind(tokens);
  tokens.sign = (claims, expiresIn) => sign({ ...claims, roles }, expiresIn);
  return new StockRpcClient(inventory.grpcUrl, tokens, 'order');
};

describe('refusals by gRPC', () => {
  it.each([
    ['signed with another secret', 'x'.repeat(32), ['service'], 16],
    ['of a customer', undefined, ['customer'], 7],
    ['of an admin', undefined, ['admin'], 7],
  ])('a token %s', async (_, secret, roles, status) => {
    const client = clientWith(secret ?? environment.JWT_SECRET, roles);
    const refused = client.release(newOrder());
    await expect(refused).rejects.toMatchObject({ code: 'unavailable', cause: { code: status } });
    client.close();
  });

  it.each([
    ['no order', '', [{ productId: 1, quantity: 1 }]],
    ['a NUL in the order', 'a\0', [{ productId: 1, quantity: 1 }]],
    ['no line', 'x', []],
    ['a quantity below 1', 'x', [{ productId: 1, quantity: -1 }]],
  ])('%s', async (_, order, lines) => {
    await expect(inventory.stock.reserve(order, lines)).rejects.toMatchObject({ code: 'invalid_payload' });
  });
});
