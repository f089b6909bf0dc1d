import { z } from 'zod';
import type { Audience } from './audience.js';
import { json, jsonObject, WELL_FORMED } from './json.js';

/** An id as its system writes it, number or string; it is passed on as it was sent. */
const id = z.union(
  [z.string().min(1).max(128).regex(WELL_FORMED), z.int().min(0)],
  'must be a string of 1 to 128 characters, or a whole number',
);
/** A user id: numbers and strings mean the same user, so its canonical form is the string. */
const userId = id.transform(String);
const unicode = z.string().regex(WELL_FORMED, 'must hold no half of a surrogate pair');
const text = unicode.max(2_000);
const name = unicode.min(1).max(256);
const quantity = z.int().min(0);
const amount = z.number().min(0);
const time = z.iso.datetime({ offset: true });
const severity = z.enum(['info', 'warning', 'error', 'critical']);

const tenant = { companyId: id.optional(), shopId: id.optional() };
const orderBase = { orderId: id, aliasId: name, userId };
const stock = {
  productId: id,
  sku: name.optional(),
  variantId: id.optional(),
  locationId: id.optional(),
  ...tenant,
  reason: text.optional(),
};

type Id = z.infer<typeof id>;

interface Tenant {
  companyId?: Id | undefined;
  shopId?: Id | undefined;
}

const to = <K extends string>(kind: K, key: Id | undefined): `${K}:${string}`[] =>
  key === undefined ? [] : [`${kind}:${key}`];

const tenants = (data: Tenant): Audience[] => [...to('company', data.companyId), ...to('shop', data.shopId)];

const orderAudiences = (data: Tenant & { orderId: Id; userId: string }): Audience[] => [
  `user:${data.userId}`,
  'topic:orders',
  `order:${data.orderId}`,
  ...tenants(data),
];

const stockAudiences = (data: Tenant & { productId: Id; locationId?: Id | undefined }): Audience[] => [
  'topic:inventory',
  `product:${data.productId}`,
  ...to('location', data.locationId),
  ...tenants(data),
];

interface Definition<S extends z.ZodType> {
  /** What `data` holds. Closed: a field that is not listed is an error, so that a typing slip is seen. */
  data: S;
  /** The entity the event is about; events of one entity keep their order. CloudEvents `subject` and `partitionkey`. */
  subject: (data: z.infer<S>) => string;
  /** Whom it is addressed to unless the sender narrows it. */
  audiences: (data: z.infer<S>) => readonly Audience[];
}

const define = <S extends z.ZodType>(definition: Definition<S>): Definition<S> => definition;

const orderEvent = <S extends z.ZodRawShape>(shape: S) => {
  const data = z.strictObject({ ...orderBase, ...shape, ...tenant });
  type Data = Tenant & { orderId: Id; userId: string };
  return define({
    data,
    subject: (event) => String((event as unknown as Data).orderId),
    audiences: (event) => orderAudiences(event as unknown as Data),
  });
};

const stockEvent = <S extends z.ZodRawShape>(shape: S) => {
  const data = z.strictObject({ ...stock, ...shape });
  type Data = Tenant & { productId: Id; locationId?: Id | undefined };
  return define({
    data,
    subject: (event) => String((event as unknown as Data).productId),
    audiences: (event) => stockAudiences(event as unknown as Data),
  });
};

const productEvent = define({
  data: z.strictObject({
    productId: id,
    name,
    sku: name.optional(),
    changes: jsonObject.optional(),
    companyId: id.optional(),
  }),
  subject: (data) => String(data.productId),
  audiences: (data) => ['topic:products', `product:${data.productId}`, ...to('company', data.companyId)],
});

const stockMovement = stockEvent({ quantity, inventoryItemId: id.optional(), orderId: id.optional() });

/**
 * The closed catalogue of events: every ingress produces these, every contract renders these.
 * `shared/contracts/events.md` is its specification.
 */
export const CATALOGUE = {
  'order.created': orderEvent({
    totalAmount: amount,
    status: name,
    currency: name.optional(),
    items: z.array(json).max(1_000).optional(),
    message: text.optional(),
  }),
  'order.status_changed': orderEvent({ newStatus: name, previousStatus: name, message: text.optional() }),
  'order.cancelled': orderEvent({ previousStatus: name, reason: text.optional() }),
  'payment.status_changed': define({
    data: z.strictObject({
      paymentId: id,
      orderId: id,
      userId,
      status: name,
      previousStatus: name.optional(),
      amount: amount.optional(),
      currency: name.optional(),
    }),
    subject: (data) => String(data.orderId),
    audiences: (data) => [`user:${data.userId}`, `order:${data.orderId}`, 'topic:orders'],
  }),
  'inventory.changed': stockEvent({ quantity, previousQuantity: quantity, productName: name.optional() }),
  'inventory.low_stock': stockEvent({
    productName: name,
    quantity,
    threshold: quantity,
    previousQuantity: quantity.optional(),
    severity: severity.optional(),
  }),
  'inventory.out_of_stock': stockEvent({
    productName: name,
    previousQuantity: quantity.optional(),
    threshold: quantity.optional(),
    severity: severity.optional(),
  }),
  'inventory.restocked': stockEvent({
    productName: name,
    quantity,
    previousQuantity: quantity.optional(),
    threshold: quantity.optional(),
  }),
  'inventory.reserved': stockMovement,
  'inventory.released': stockMovement,
  'transfer.status_changed': define({
    data: z.strictObject({
      transferId: id,
      status: name,
      previousStatus: name.optional(),
      fromShopId: id.optional(),
      toShopId: id.optional(),
      companyId: id.optional(),
      items: z.array(json).max(1_000).optional(),
    }),
    subject: (data) => String(data.transferId),
    audiences: (data) => [
      `transfer:${data.transferId}`,
      ...to('company', data.companyId),
      ...to('shop', data.fromShopId),
      ...to('shop', data.toShopId),
    ],
  }),
  'product.created': productEvent,
  'product.updated': productEvent,
  'user.notified': define({
    data: z.strictObject({
      userId,
      kind: name,
      title: name,
      message: text,
      data: json.optional(),
      priority: z.enum(['low', 'normal', 'high', 'urgent']).optional(),
    }),
    subject: (data) => data.userId,
    audiences: (data) => [`user:${data.userId}`],
  }),
  'user.activity': define({
    data: z.strictObject({ userId, action: name, detail: json.optional() }),
    subject: (data) => data.userId,
    audiences: () => ['role:admin'],
  }),
  'system.announced': define({
    data: z.strictObject({
      title: name,
      message: text,
      data: json.optional(),
      severity: severity.optional(),
      roles: z
        .array(z.string().regex(/^[\w.-]{1,64}$/))
        .min(1)
        .max(16)
        .optional(),
    }),
    subject: () => 'system',
    audiences: (data) => data.roles?.map((role): Audience => `role:${role}`) ?? ['all'],
  }),
  'system.maintenance': define({
    data: z.strictObject({ title: name, message: text, startsAt: time, endsAt: time.optional() }),
    subject: () => 'system',
    audiences: () => ['all'],
  }),
  'system.alert': define({
    data: z.strictObject({ title: name, message: text, severity, data: json.optional() }),
    subject: () => 'system',
    audiences: () => ['role:admin'],
  }),
  'security.alert': define({
    data: z.strictObject({ title: name, message: text, severity, userId: userId.optional(), data: json.optional() }),
    subject: (data) => data.userId ?? 'system',
    audiences: (data) => ['role:admin', ...to('user', data.userId)],
  }),
  'sync.progressed': define({
    data: z.strictObject({
      resource: z.enum(['products', 'inventory', 'orders', 'customers']),
      status: z.enum(['started', 'progress', 'completed', 'failed']),
      processed: quantity,
      total: quantity,
      error: text.optional(),
      metrics: jsonObject.optional(),
    }),
    subject: (data) => data.resource,
    audiences: () => ['topic:sync'],
  }),
  'webhook.received': define({
    data: z.strictObject({
      topic: name,
      webhookId: id.optional(),
      resourceId: id.optional(),
      summary: text.optional(),
    }),
    subject: (data) => data.topic,
    audiences: () => ['topic:sync'],
  }),
} as const;

export type EventType = keyof typeof CATALOGUE;
export type EventData<T extends EventType> = z.infer<(typeof CATALOGUE)[T]['data']>;

export const EVENT_TYPES = Object.keys(CATALOGUE) as readonly EventType[];

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(CATALOGUE, type);
}
