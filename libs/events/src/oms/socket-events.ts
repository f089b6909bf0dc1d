import type { ErrorBody, ErrorCode } from '../errors.js';
import type { Json } from '../json.js';

/** The event map of the OMS contract (namespace `/events`): the one place where its event names are spelled. */

type Id = string | number;

export interface OrderUpdateData {
  orderId: Id;
  /** The number people read on an order, such as `ORDER-456`. */
  aliasId: string;
  status: string;
  userId: Id;
  timestamp: string;
  message?: string;
}

export interface InventoryUpdateData {
  productId: Id;
  quantity: number;
  status: 'low_stock' | 'out_of_stock' | 'restocked';
  threshold?: number;
  timestamp: string;
}

export interface UserNotificationData {
  type: string;
  title: string;
  message: string;
  data: Json;
}

export interface SystemNotificationData {
  title: string;
  message: string;
  data?: Json;
}

/** `timestamp` is ISO 8601 UTC; `userId` a number where it is all digits; `id` names the event behind it. */
export interface RealTimeEvent<Type extends string, Data> {
  type: Type;
  data: Data;
  userId?: Id;
  timestamp: string;
  id: string;
}

/** The last argument of every journaled event: where a reconnecting client goes on. Opaque. */
export type PositionText = string;

export interface OmsServerEvents {
  connected: (payload: { userId: Id; timestamp: string }, position: PositionText) => void;
  /** With the position from which the subscription counts, except in the midst of a replay. */
  subscription_confirmed: (
    payload: { type: 'order_updates' | 'inventory_updates'; message: string; scope?: 'own' },
    position?: PositionText,
  ) => void;
  order_update: (event: RealTimeEvent<'order_status', OrderUpdateData>, position: PositionText) => void;
  inventory_update: (event: RealTimeEvent<'inventory_update', InventoryUpdateData>, position: PositionText) => void;
  user_notification: (event: RealTimeEvent<'user_specific', UserNotificationData>, position: PositionText) => void;
  system_notification: (
    event: RealTimeEvent<'system_notification', SystemNotificationData>,
    position: PositionText,
  ) => void;
  pong: (payload: { timestamp: string }) => void;
  error: (error: ErrorBody) => void;
}

/** What an acknowledgement carries, where the client asks for one. */
export type Ack<Result extends object = object> = (
  answer: ({ ok: true } & Result) | { ok: false; error: ErrorBody & { code: ErrorCode } },
) => void;

export interface OmsClientEvents {
  subscribe_to_orders: (ack?: Ack<{ scope?: 'own' }>) => void;
  subscribe_to_inventory: (ack?: Ack) => void;
  unsubscribe: (payload: { type: 'order' | 'inventory' }, ack?: Ack) => void;
  ping: (ack?: Ack<{ timestamp: string }>) => void;
}
