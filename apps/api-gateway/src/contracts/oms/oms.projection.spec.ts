import { describe, expect, it } from '@jest/globals';
import { CATALOGUE, EVENT_TYPES, parseEvent, type EventType } from '@lib/events';
import { renderOms, userIdOf } from './oms.projection.js';

/** Stands in every field that this contract does not show. */
const INTERNAL = 'internal-4711';
const TIME = '2026-11-20T12:00:00.000Z';
const ID = 'evt-1';

const tenant = { companyId: INTERNAL, shopId: INTERNAL };
const order = { orderId: 456, aliasId: 'ORDER-456', userId: 789, ...tenant };
const stock = {
  productId: 'P-1',
  sku: INTERNAL,
  variantId: INTERNAL,
  locationId: INTERNAL,
  reason: INTERNAL,
  ...tenant,
};
const movement = { ...stock, quantity: 3, inventoryItemId: INTERNAL, orderId: INTERNAL };
const product = { productId: 'P-1', name: INTERNAL, sku: INTERNAL, changes: { price: INTERNAL }, companyId: INTERNAL };
const frame = (type: string, data: object, userId?: number): object => ({
  type,
  id: ID,
  timestamp: TIME,
  data,
  ...(userId !== undefined && { userId }),
});
const update = (status: string, message: string): object => ({
  event: 'order_update',
  audiences: ['user:789', 'topic:orders'],
  payload: frame(
    'order_status',
    { orderId: 456, aliasId: 'ORDER-456', status, userId: 789, timestamp: TIME, message },
    789,
  ),
});
const toUser = (data: object): object => ({
  event: 'user_notification',
  audiences: ['user:789'],
  payload: frame('user_specific', data, 789),
});
const alert = (data: object): object => ({
  event: 'inventory_update',
  audiences: ['topic:inventory'],
  payload: frame('inventory_update', { productId: 'P-1', timestamp: TIME, ...data }),
});
const system = (audiences: readonly string[], data: object): object => ({
  event: 'system_notification',
  audiences,
  payload: frame('system_notification', data),
});
const changed = (to: string, message: string): object =>
  toUser({
    type: 'order_status_update',
    title: 'Order Status Updated',
    message,
    data: { orderId: 456, aliasId: 'ORDER-456', status: to, previousStatus: 'PAID' },
  });

/** Of every type: data with every field that there is, and all that this contract sends of it. */
const TABLE: Readonly<Record<EventType, readonly [object, readonly object[]]>> = {
  'order.created': [
    {
      ...order,
      totalAmount: 9.5,
      status: 'PENDING',
      currency: INTERNAL,
      items: [{ margin: INTERNAL }],
      message: 'Thanks',
    },
    [
      update('PENDING', 'Thanks'),
      toUser({
        type: 'order_created',
        title: 'Order Created Successfully',
        message: 'Your order ORDER-456 has been created successfully',
        data: { orderId: 456, aliasId: 'ORDER-456', totalAmount: 9.5 },
      }),
    ],
  ],
  'order.status_changed': [
    { ...order, newStatus: 'SHIPPED', previousStatus: 'PAID', message: 'On its way' },
    [update('SHIPPED', 'On its way'), changed('SHIPPED', 'On its way')],
  ],
  'order.cancelled': [
    { ...order, previousStatus: 'PAID', reason: 'Sold out' },
    [update('CANCELLED', 'Sold out'), changed('CANCELLED', 'Sold out')],
  ],
  'payment.status_changed': [
    {
      paymentId: INTERNAL,
      orderId: 456,
      userId: 789,
      status: INTERNAL,
      previousStatus: INTERNAL,
      amount: 1,
      currency: INTERNAL,
    },
    [],
  ],
  'inventory.changed': [{ ...stock, quantity: 3, previousQuantity: 4, productName: INTERNAL }, []],
  'inventory.low_stock': [
    { ...stock, productName: INTERNAL, quantity: 3, threshold: 5, previousQuantity: 4711, severity: 'critical' },
    [alert({ quantity: 3, status: 'low_stock', threshold: 5 })],
  ],
  'inventory.out_of_stock': [
    { ...stock, productName: INTERNAL, threshold: 5, previousQuantity: 4711, severity: 'critical' },
    [alert({ quantity: 0, status: 'out_of_stock', threshold: 5 })],
  ],
  'inventory.restocked': [
    { ...stock, productName: INTERNAL, quantity: 30, threshold: 5, previousQuantity: 4711 },
    [alert({ quantity: 30, status: 'restocked', threshold: 5 })],
  ],
  'inventory.reserved': [movement, []],
  'inventory.released': [movement, []],
  'transfer.status_changed': [
    {
      transferId: INTERNAL,
      status: INTERNAL,
      previousStatus: INTERNAL,
      fromShopId: INTERNAL,
      toShopId: INTERNAL,
      companyId: INTERNAL,
      items: [INTERNAL],
    },
    [],
  ],
  'product.created': [product, []],
  'product.updated': [product, []],
  'user.notified': [
    { userId: 789, kind: 'hint', title: 'T', message: 'm', data: { shown: [1] }, priority: 'urgent' },
    [toUser({ type: 'hint', title: 'T', message: 'm', data: { shown: [1] } })],
  ],
  'user.activity': [{ userId: 789, action: INTERNAL, detail: INTERNAL }, []],
  'system.announced': [
    { title: 'T', message: 'm', data: { shown: 1 }, severity: 'critical', roles: ['staff', 'customer'] },
    [system(['role:staff', 'role:customer'], { title: 'T', message: 'm', data: { shown: 1 } })],
  ],
  'system.maintenance': [
    { title: 'T', message: 'm', startsAt: TIME, endsAt: TIME },
    [system(['all'], { title: 'T', message: 'm', data: { startsAt: TIME, endsAt: TIME } })],
  ],
  'system.alert': [
    { title: 'T', message: 'm', severity: 'critical', data: INTERNAL },
    [system(['role:admin'], { title: 'T', message: 'm', data: { severity: 'critical', data: INTERNAL } })],
  ],
  'security.alert': [{ title: INTERNAL, message: INTERNAL, severity: 'error', userId: 789, data: INTERNAL }, []],
  'sync.progressed': [
    { resource: 'orders', status: 'failed', processed: 1, total: 2, error: INTERNAL, metrics: { internal: INTERNAL } },
    [],
  ],
  'webhook.received': [{ topic: INTERNAL, webhookId: INTERNAL, resourceId: INTERNAL, summary: INTERNAL }, []],
};

/** The envelope's own internal fields, filled as well. */
const envelope = {
  id: ID,
  time: TIME,
  source: INTERNAL,
  subject: INTERNAL,
  partitionkey: INTERNAL,
  correlationid: INTERNAL,
  causationid: INTERNAL,
  traceparent: INTERNAL,
  dataschema: INTERNAL,
};
const render = (type: EventType, data: unknown = TABLE[type][0]): ReturnType<typeof renderOms> =>
  renderOms(parseEvent({ ...envelope, type, data }, { source: INTERNAL }));

describe('what the OMS contract shows of an event', () => {
  it.each(EVENT_TYPES)('%s: the table fills every field that the catalogue has', (type) => {
    expect(Object.keys(TABLE[type][0]).sort()).toEqual(Object.keys(CATALOGUE[type].data.shape).sort());
  });

  it.each(EVENT_TYPES)('%s: exactly the fields of the contract, to whom they concern', (type) => {
    expect(render(type)).toEqual(TABLE[type][1]);
  });

  it.each(EVENT_TYPES)('%s: no internal field to anyone but admins', (type) => {
    const toCustomers = render(type).filter(({ audiences }) => audiences.some((audience) => audience !== 'role:admin'));
    expect(JSON.stringify(toCustomers)).not.toMatch(/4711|critical|urgent/);
  });

  it.each(EVENT_TYPES)('%s: the same each time, for a position names a message by its place', (type) => {
    expect(render(type)).toEqual(render(type));
  });

  it.each<[EventType, string]>([
    ['order.status_changed', 'Order status updated from PAID to SHIPPED'],
    ['order.cancelled', 'Order status updated from PAID to CANCELLED'],
    ['order.created', 'Order created successfully'],
  ])('%s: “%s” where the sender gave no message', (type, message) => {
    const { message: _, reason: __, ...data } = TABLE[type][0] as { message?: string; reason?: string };
    expect(render(type, data)[0]).toMatchObject({ payload: { data: { message } } });
  });

  it('leaves out what the sender left out', () => {
    const data = { productId: 7, productName: 'Lamp' };
    expect(render('inventory.out_of_stock', data)[0]?.payload).toEqual(
      frame('inventory_update', { productId: 7, quantity: 0, status: 'out_of_stock', timestamp: TIME }),
    );
    expect(render('system.announced', { title: 'T', message: 'm' })[0]).toEqual(
      system(['all'], { title: 'T', message: 'm' }),
    );
  });
});

describe('userIdOf', () => {
  it.each([
    ['7', 7],
    ['0', 0],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', '9007199254740993'],
    ['007', '007'],
    ['-5', '-5'],
    ['1e3', '1e3'],
    ['1.5', '1.5'],
    ['', ''],
    ['user-1', 'user-1'],
    ['７', '７'],
  ])('spells %j as %j', (canonical, spelled) => {
    expect(userIdOf(canonical)).toBe(spelled);
  });
});
