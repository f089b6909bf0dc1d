import { beforeAll, describe, expect, it } from '@jest/globals';
import type { TestClient } from '../../support/client.js';
import { allDelivered, eventsOf } from '../../support/notify.js';
import { SLOW } from '../scripts/system.js';
import type { Refusal } from '../services/helpers/http.js';
import { runStack, type RealTimeEvent, type Stack } from './stack.js';

let stack: Stack;
let customer: TestClient;
let other: TestClient;
let admin: TestClient;
let staff: TestClient;

beforeAll(async () => {
  stack = await runStack();
  customer = await stack.client('customer');
  other = await stack.client('other');
  admin = await stack.client('admin', 'orders');
  staff = await stack.client('staff', 'inventory');
}, SLOW);

const updatesOf = (client: TestClient, orderId: number): unknown[] =>
  client
    .of<RealTimeEvent>('order_update')
    .filter(({ data }) => data['orderId'] === orderId)
    .map(({ data }) => [data['status'], data['message']]);

const alertsOf = (client: TestClient, productId: number): unknown[] =>
  client
    .of<RealTimeEvent>('inventory_update')
    .filter(({ data }) => data['productId'] === productId)
    .map(({ data }) => [data['status'], data['quantity']]);

/** Resolves when this order's update of this status has come, and whatever was sent before it. */
async function settled(orderId: number, status: string): Promise<void> {
  const came = (client: TestClient): boolean =>
    client
      .of<RealTimeEvent>('order_update')
      .some(({ data }) => data['orderId'] === orderId && data['status'] === status);
  for (const client of [customer, admin]) {
    await client.until(() => came(client), `${status} of order ${orderId}`, 10_000);
  }
  await allDelivered(stack, customer, other, admin, staff);
}

describe('an order through the gateway', () => {
  it('reaches its owner twice, subscribed admins once, and no one else', async () => {
    const { status, body } = await stack.order('customer', 2, 1);
    expect(status).toBe(201);
    await settled(body.id, 'PENDING');

    const update = {
      type: 'order_status',
      userId: 7,
      data: { orderId: body.id, aliasId: body.aliasId, userId: 7, message: 'Order created successfully' },
    };
    expect(customer.of('order_update')).toEqual([expect.objectContaining({ type: 'order_status' })]);
    expect(customer.of('order_update')[0]).toMatchObject(update);
    expect(admin.of('order_update')[0]).toMatchObject(update);
    expect(customer.of('user_notification')).toEqual([expect.objectContaining({ type: 'user_specific' })]);
    expect(customer.of('user_notification')[0]).toMatchObject({
      data: {
        type: 'order_created',
        title: 'Order Created Successfully',
        message: `Your order ${body.aliasId} has been created successfully`,
        data: { orderId: body.id, aliasId: body.aliasId, totalAmount: 19.99 },
      },
    });
    expect(eventsOf(customer).sort()).toEqual(['order_update', 'user_notification']);
    expect(eventsOf(admin)).toEqual(['order_update']);
    expect([eventsOf(other), eventsOf(staff)]).toEqual([[], []]);
  });

  it('moves: each state that staff give it is told with its message', async () => {
    const { body } = await stack.order('customer', 2, 1);
    const path = `/order/orders/${body.id}/status`;
    expect((await stack.as('staff', 'PATCH', path, { status: 'CONFIRMED' })).status).toBe(200);
    const packed = await stack.as('staff', 'PATCH', path, { status: 'PROCESSING', message: 'It is being packed' });
    expect(packed.status).toBe(200);
    expect((await stack.as('staff', 'PATCH', path, { status: 'PENDING' })).status).toBe(409);
    expect((await stack.as('customer', 'PATCH', path, { status: 'SHIPPED' })).status).toBe(403);
    await settled(body.id, 'PROCESSING');
    const states = [
      ['PENDING', 'Order created successfully'],
      ['CONFIRMED', 'Order status updated from PENDING to CONFIRMED'],
      ['PROCESSING', 'It is being packed'],
    ];
    expect([updatesOf(customer, body.id), updatesOf(admin, body.id)]).toEqual([states, states]);
    const kinds = customer.of<RealTimeEvent>('user_notification').map(({ data }) => data['type']);
    expect(kinds.slice(-3)).toEqual(['order_created', 'order_status_update', 'order_status_update']);
    expect(updatesOf(other, body.id)).toEqual([]);
  });
});

describe('the stock that an order takes', () => {
  it('is alerted to subscribers once when it falls to its threshold, and when a cancelled order brings it back', async () => {
    const { id } = await stack.createProduct(12, 10);
    const first = await stack.order('customer', id, 3); // 9: low
    const second = await stack.order('customer', id, 1); // 8
    await settled(second.body.id, 'PENDING');
    await staff.until(() => alertsOf(staff, id).length > 0, 'alert', 10_000);
    await allDelivered(stack, staff);
    expect(alertsOf(staff, id)).toEqual([['low_stock', 9]]);

    const cancelled = await stack.as('customer', 'POST', `/order/orders/${first.body.id}/cancel`, {
      reason: 'too many',
    });
    expect(cancelled.status).toBe(200);
    await settled(first.body.id, 'CANCELLED');
    await staff.until(() => alertsOf(staff, id).length > 1, 'alert', 10_000);
    await allDelivered(stack, customer, other, admin, staff);
    expect(alertsOf(staff, id)).toEqual([
      ['low_stock', 9],
      ['restocked', 11],
    ]);
    expect(updatesOf(customer, first.body.id).at(-1)).toEqual(['CANCELLED', 'too many']);
    // Only who has subscribed is told: the admin has not.
    for (const client of [customer, other, admin]) expect(client.of('inventory_update')).toEqual([]);
  });

  it('refuses the order that wants more, naming the lines, and tells nobody', async () => {
    const plenty = await stack.createProduct(10, 1);
    const short = await stack.createProduct(2, 1);
    const items = [
      { productId: plenty.id, quantity: 1, price: 1 },
      { productId: short.id, quantity: 3, price: 1 },
      { productId: 999_999, quantity: 1, price: 1 },
    ];
    const before = admin.of('order_update').length;
    const refused = await stack.as<Refusal>('customer', 'POST', '/order/orders', { addressId: 1, items });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'insufficient_stock']);
    expect(refused.body.error.details).toMatchObject({
      lines: [
        { productId: short.id, requested: 3, available: 2 },
        { productId: 999_999, requested: 1, available: 0 },
      ],
    });
    await allDelivered(stack, customer, admin, staff);
    expect(admin.of('order_update')).toHaveLength(before);
    expect((await stack.product(plenty.id)).quantity).toBe(10);
  });
});

describe('a cart through the gateway', () => {
  it('is checked out into an order, which is told as any other, and is empty then', async () => {
    const { id } = await stack.createProduct(10, 1);
    const added = await stack.as('other', 'POST', '/cart/items', { productId: id, quantity: 2, price: 19.99 });
    expect(added.status).toBe(201);
    const ordered = await stack.as<{ id: number; totalAmount: number }>('other', 'POST', '/cart/checkout', {
      addressId: 5,
    });
    expect([ordered.status, ordered.body.totalAmount]).toEqual([201, 39.98]);
    await other.waitFor('order_update');
    await other.waitFor('user_notification');
    expect(updatesOf(other, ordered.body.id)).toEqual([['PENDING', 'Order created successfully']]);
    expect((await stack.as<{ items: unknown[] }>('other', 'GET', '/cart')).body.items).toEqual([]);
    expect((await stack.product(id)).quantity).toBe(8);
    const foreign = await stack.as('customer', 'GET', `/order/orders/${ordered.body.id}`);
    expect(foreign.status).toBe(404);
    expect(updatesOf(customer, ordered.body.id)).toEqual([]);
  });
});
