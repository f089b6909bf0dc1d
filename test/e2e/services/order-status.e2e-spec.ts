import { beforeAll, describe, expect, it } from '@jest/globals';
import { testEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import type { Refusal } from './helpers/http.js';
import { startInventory, type Inventory } from './helpers/inventory.js';
import { startOrders, type Order, type Orders } from './helpers/order.js';
import { Tokens } from './helpers/tokens.js';

let inventory: Inventory;
let orders: Orders;
let customer: string;
let staff: string;
let service: string;

beforeAll(async () => {
  const environment = await testEnvironment();
  inventory = await startInventory(environment);
  orders = await startOrders(environment, inventory.grpcUrl);
  const tokens = new Tokens(environment.JWT_SECRET);
  customer = tokens.of('customer', 7);
  staff = tokens.of('staff', 2);
  service = tokens.of('service', 'shipping');
});

const HAPPY = ['CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'RETURNED'];

/** An order of one piece of a product of which there are 5, brought to a status. */
async function orderAt(status: string): Promise<Order & { productId: number }> {
  const { id: productId } = await inventory.createProduct(5);
  const { body } = await orders.place(customer, [{ productId, quantity: 1, price: 1 }]);
  for (const step of HAPPY.slice(0, HAPPY.indexOf(status) + 1)) await orders.setStatus(staff, body.id, step);
  return { ...body, productId };
}

describe('the status of an order', () => {
  it('goes all the way, and shipping uses the reserved stock up', async () => {
    const { id, productId } = await orderAt('PENDING');
    for (const status of HAPPY) {
      const changed = await orders.setStatus(status === 'SHIPPED' ? service : staff, id, status, `now ${status}`);
      expect([changed.status, changed.body.status]).toEqual([200, status]);
      expect(Date.parse(changed.body.updatedAt)).toBeGreaterThanOrEqual(Date.parse(changed.body.createdAt));
    }
    await eventually(async () =>
      expect(await inventory.product(productId)).toMatchObject({ quantity: 4, reserved: 0 }),
    );
  });

  it.each([
    ['PENDING', 'SHIPPED'],
    ['PENDING', 'PENDING'],
    ['CONFIRMED', 'PENDING'],
    ['SHIPPED', 'CANCELLED'],
    ['DELIVERED', 'CANCELLED'],
    ['RETURNED', 'DELIVERED'],
  ])('cannot go from %s to %s', async (from, to) => {
    const { id } = await orderAt(from);
    const refused = await orders.setStatus<Refusal>(staff, id, to);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'invalid_transition']);
    expect(refused.body.error.details).toEqual({ from, to });
    expect((await orders.read(staff, id)).body.status).toBe(from);
  });

  it.each(['PENDING', 'CONFIRMED', 'PROCESSING'])('can be cancelled from %s by the owner, once', async (from) => {
    const { id, productId } = await orderAt(from);
    expect((await orders.cancel(customer, id)).body.status).toBe('CANCELLED');
    const again = await orders.cancel<Refusal>(customer, id);
    expect([again.status, again.body.error.details]).toEqual([409, { from: 'CANCELLED', to: 'CANCELLED' }]);
    await eventually(async () =>
      expect(await inventory.product(productId)).toMatchObject({ quantity: 5, reserved: 0 }),
    );
  });

  it('can no longer be cancelled by the owner once it was shipped', async () => {
    const { id } = await orderAt('SHIPPED');
    const refused = await orders.cancel<Refusal>(customer, id);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'invalid_transition']);
  });

  it('has one winner of many that change it at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, productId } = await orderAt('PROCESSING');
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => orders.setStatus<Order & Refusal>(staff, id, 'SHIPPED')),
        ...Array.from({ length: 5 }, () => orders.cancel<Order & Refusal>(customer, id)),
      ]);
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      const codes = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code);
      expect(['conflict', 'invalid_transition']).toEqual(expect.arrayContaining([...new Set(codes)]));
      const quantity = winners[0]?.body.status === 'CANCELLED' ? 5 : 4;
      await eventually(async () => expect(await inventory.product(productId)).toMatchObject({ quantity, reserved: 0 }));
    }
  });
});
