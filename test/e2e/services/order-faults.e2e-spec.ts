import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { testEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { faultyLink } from './helpers/faulty-link.js';
import type { Refusal } from './helpers/http.js';
import { startInventory } from './helpers/inventory.js';
import { startOrders } from './helpers/order.js';
import { atEnd } from './helpers/teardown.js';
import { Tokens } from './helpers/tokens.js';

describe('when inventory is away', () => {
  it('an order is refused with 503, nothing is left of it, and its key may be used again', async () => {
    const environment = await testEnvironment();
    const inventory = await startInventory(environment);
    const link = await faultyLink(inventory.grpcUrl);
    const orders = await startOrders(environment, link.url);
    const customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
    const { id } = await inventory.createProduct(5);
    const items = [{ productId: id, quantity: 5, price: 1 }];
    const headers = { 'idempotency-key': 'retry-me' };

    link.mode = 'cut';
    const refused = await orders.place<Refusal>(customer, items, { headers });
    expect([refused.status, refused.body.error.code]).toEqual([503, 'unavailable']);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect((await orders.list(customer)).body.count).toBe(0);

    link.mode = 'pass';
    await eventually(async () => expect((await orders.place(customer, items, { headers })).status).toBe(201));
    expect((await orders.list(customer)).body.count).toBe(1);
    expect(await inventory.product(id)).toMatchObject({ quantity: 0, reserved: 5 });
  });

  it('what it reserved although its answer was lost is released', async () => {
    const environment = await testEnvironment();
    const inventory = await startInventory(environment);
    const link = await faultyLink(inventory.grpcUrl);
    const orders = await startOrders(environment, link.url);
    const customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
    const { id } = await inventory.createProduct(5);
    await orders.place(customer, [{ productId: id, quantity: 1, price: 1 }]);

    link.mode = 'drop-replies';
    const refused = await orders.place<Refusal>(customer, [{ productId: id, quantity: 2, price: 1 }]);
    expect([refused.status, refused.body.error.code]).toEqual([503, 'unavailable']);
    expect((await orders.list(customer)).body.count).toBe(1);

    link.mode = 'pass';
    await eventually(async () => expect(await inventory.product(id)).toMatchObject({ quantity: 4, reserved: 1 }));
  });

  it('a cancelled order’s stock is released once it is back, also after a restart', async () => {
    const environment = await testEnvironment();
    const inventory = await startInventory(environment);
    const link = await faultyLink(inventory.grpcUrl);
    const before = await startOrders(environment, link.url);
    const customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
    const { id } = await inventory.createProduct(5);
    const placed = await before.place(customer, [{ productId: id, quantity: 2, price: 1 }]);
    link.mode = 'cut';
    // The open connection is broken by the first bytes that it carries.
    expect((await before.cancel(customer, placed.body.id)).status).toBe(200);
    await before.stop();
    expect(await inventory.product(id)).toMatchObject({ quantity: 3, reserved: 2 });

    link.mode = 'pass';
    const after = await startOrders(environment, link.url);
    await eventually(async () => expect(await inventory.product(id)).toMatchObject({ quantity: 5, reserved: 0 }));
    expect((await after.read(customer, placed.body.id)).body.status).toBe('CANCELLED');
  });
});

describe('when the order service ends between saving an order and knowing its stock', () => {
  it('its successor gives the order up, and releases what it may have reserved', async () => {
    const environment = await testEnvironment();
    const inventory = await startInventory(environment);
    const link = await faultyLink(inventory.grpcUrl);
    const first = await startOrders(environment, link.url);
    const customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
    const { id } = await inventory.createProduct(5);
    await first.place(customer, [{ productId: id, quantity: 1, price: 1 }]);

    link.mode = 'drop-replies';
    const halfPlaced = first.place<Refusal>(customer, [{ productId: id, quantity: 2, price: 1 }]);
    await eventually(async () => expect(await inventory.product(id)).toMatchObject({ quantity: 2, reserved: 3 }));
    const second = await startOrders(environment, inventory.grpcUrl);
    await eventually(
      async () => expect(await inventory.product(id)).toMatchObject({ quantity: 4, reserved: 1 }),
      2_500,
    );
    expect((await second.list(customer)).body.count).toBe(1);

    // The first was only slow: what it learns later must not bring the order back.
    link.mode = 'pass';
    expect((await halfPlaced).status).toBe(503);
    expect((await second.list(customer)).body.count).toBe(1);
  });
});

describe('a restart', () => {
  it('keeps the orders', async () => {
    const environment = await testEnvironment();
    const inventory = await startInventory(environment);
    const before = await startOrders(environment, inventory.grpcUrl);
    const customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
    const { id } = await inventory.createProduct(5);
    const placed = await before.place(customer, [{ productId: id, quantity: 1, price: 1 }]);
    await before.stop();
    const after = await startOrders(environment, inventory.grpcUrl);
    expect((await after.read(customer, placed.body.id)).body).toEqual(placed.body);
  });
});

describe('when the gateway hangs', () => {
  it('nobody waits for it', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const gateway = { API_GATEWAY_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` };
    const environment = await testEnvironment();
    const inventory = await startInventory(environment, gateway);
    const orders = await startOrders(environment, inventory.grpcUrl, gateway);
    // Registered last, so that the services, which wait for their notifications, need not wait long.
    atEnd(async () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const tokens = new Tokens(environment.JWT_SECRET);
    const { id } = await inventory.createProduct(12, { threshold: 10 });
    const start = Date.now();
    const placed = await orders.place(tokens.of('customer', 7), [{ productId: id, quantity: 3, price: 1 }]);
    const confirmed = await orders.setStatus(tokens.of('staff', 2), placed.body.id, 'CONFIRMED');
    expect([placed.status, confirmed.status]).toEqual([201, 200]);
    // Both services did ask the gateway, and a notification gives up after 5 s.
    await eventually(async () => expect(sockets.length).toBeGreaterThanOrEqual(2));
    expect(Date.now() - start).toBeLessThan(4_000);
  });
});
