import type {
  Audience,
  CanonicalEvent,
  Id,
  InventoryUpdateData,
  Json,
  OmsServerEvents,
  OrderUpdateData,
  RealTimeEvent,
  SystemNotificationData,
  UserNotificationData,
} from '@lib/events';

/** One message of this contract, its payload typed by the contract's event map. */
export type OmsDelivery = {
  [Name in keyof OmsServerEvents]: {
    event: Name;
    payload: Parameters<OmsServerEvents[Name]>[0];
    audiences: readonly Audience[];
  };
}[keyof OmsServerEvents];

/** What the contract's clients are sent of a canonical event: its fields, and no others. */
export function renderOms(event: CanonicalEvent): OmsDelivery[] {
  switch (event.type) {
    case 'order.created':
      return [
        order(event, event.data.status, event.data.message ?? 'Order created successfully'),
        ofOrder(event, 'order_created', 'Order Created Successfully', {
          message: `Your order ${event.data.aliasId} has been created successfully`,
          data: {
            orderId: event.data.orderId,
            aliasId: event.data.aliasId,
            totalAmount: event.data.totalAmount,
          },
        }),
      ];
    case 'order.status_changed': {
      const { newStatus, previousStatus, message } = event.data;
      return statusChange(event, previousStatus, newStatus, message);
    }
    case 'order.cancelled':
      return statusChange(event, event.data.previousStatus, 'CANCELLED', event.data.reason);
    case 'inventory.low_stock':
      return [stock(event, { quantity: event.data.quantity, status: 'low_stock' })];
    case 'inventory.out_of_stock':
      return [stock(event, { quantity: 0, status: 'out_of_stock' })];
    case 'inventory.restocked':
      return [stock(event, { quantity: event.data.quantity, status: 'restocked' })];
    case 'user.notified': {
      const { userId: to, kind, title, message, data } = event.data;
      return [user(event, to, { type: kind, title, message, data: data ?? {} })];
    }
    case 'system.announced': {
      const { title, message, data, roles } = event.data;
      const audiences = roles?.map((role): Audience => `role:${role}`) ?? ['all' as const];
      return [system(event, audiences, { title, message, ...(data !== undefined && { data }) })];
    }
    case 'system.maintenance': {
      const { title, message, startsAt, endsAt } = event.data;
      return [system(event, ['all'], { title, message, data: { startsAt, ...(endsAt !== undefined && { endsAt }) } })];
    }
    case 'system.alert': {
      const { title, message, severity, data } = event.data;
      return [
        system(event, ['role:admin'], { title, message, data: { severity, ...(data !== undefined && { data }) } }),
      ];
    }
    // Not part of this contract.
    case 'payment.status_changed':
    case 'inventory.changed':
    case 'inventory.reserved':
    case 'inventory.released':
    case 'transfer.status_changed':
    case 'product.created':
    case 'product.updated':
    case 'user.activity':
    case 'security.alert':
    case 'sync.progressed':
    case 'webhook.received':
      return [];
  }
}

/** The canonical user id in this contract's spelling: a number where it is all digits, and where that says the same. */
export function userIdOf(canonical: string): Id {
  const number = Number(canonical);
  return Number.isSafeInteger(number) && String(number) === canonical && number >= 0 ? number : canonical;
}

type OrderEvent = Extract<CanonicalEvent, { type: `order.${string}` }>;
type StockEvent = Extract<
  CanonicalEvent,
  { type: 'inventory.low_stock' | 'inventory.out_of_stock' | 'inventory.restocked' }
>;

function statusChange(event: OrderEvent, from: string, to: string, message: string | undefined): OmsDelivery[] {
  const { orderId, aliasId } = event.data;
  const text = message ?? `Order status updated from ${from} to ${to}`;
  return [
    order(event, to, text),
    ofOrder(event, 'order_status_update', 'Order Status Updated', {
      message: message ?? `Your order ${aliasId} is now ${to}`,
      data: { orderId, aliasId, status: to, previousStatus: from },
    }),
  ];
}

function order(event: OrderEvent, status: string, message: string): OmsDelivery {
  const { orderId, aliasId, userId } = event.data;
  const data = { orderId, aliasId, status, userId: userIdOf(userId), timestamp: event.time, message };
  return {
    event: 'order_update',
    audiences: [`user:${userId}`, 'topic:orders'],
    payload: { ...realTime<'order_status', OrderUpdateData>(event, 'order_status', data), userId: userIdOf(userId) },
  };
}

function ofOrder(event: OrderEvent, type: string, title: string, rest: { message: string; data: Json }): OmsDelivery {
  return user(event, event.data.userId, { type, title, ...rest });
}

function user(event: CanonicalEvent, to: string, data: UserNotificationData): OmsDelivery {
  return {
    event: 'user_notification',
    audiences: [`user:${to}`],
    payload: { ...realTime(event, 'user_specific', data), userId: userIdOf(to) },
  };
}

function stock(event: StockEvent, level: Pick<InventoryUpdateData, 'quantity' | 'status'>): OmsDelivery {
  const { productId, threshold } = event.data;
  const data: InventoryUpdateData = {
    productId,
    ...level,
    ...(threshold !== undefined && { threshold }),
    timestamp: event.time,
  };
  return {
    event: 'inventory_update',
    audiences: ['topic:inventory'],
    payload: realTime(event, 'inventory_update', data),
  };
}

function system(event: CanonicalEvent, audiences: readonly Audience[], data: SystemNotificationData): OmsDelivery {
  return { event: 'system_notification', audiences, payload: realTime(event, 'system_notification', data) };
}

function realTime<Type extends string, Data>(event: CanonicalEvent, type: Type, data: Data): RealTimeEvent<Type, Data> {
  return { type, data, timestamp: event.time, id: event.id };
}
