import type { BroadcastDto, Id, Json, PublishFailure } from '@lib/events';

export type Broadcast = BroadcastDto;

export interface UserNotification {
  userId: Id;
  title: string;
  message: string;
  data?: Json;
}

export interface StockNotification {
  productId: Id;
  productName: string;
  currentQuantity: number;
  previousQuantity: number;
  threshold: number;
}

/** Where the gateway keeps an event, durably. */
export interface Accepted {
  eventId: string;
  /** Its place in the journal; opaque. */
  position: string;
  /** It was there already, from an earlier sending. */
  duplicate: boolean;
}

/** Not sent, not known to be sent, or refused; `retryable` says whether the same call may succeed later. */
export type NotificationFailure = PublishFailure;

export type NotificationResult = ({ ok: true } & Accepted) | NotificationFailure;

/** A change of stock that gives rise to no alert is a success too, and sends nothing. */
export type StockResult = NotificationResult | { ok: true; eventId: null; position: null; duplicate: false };

/** All of the events, in their order, or none. */
export type PublishResult = { ok: true; results: Accepted[] } | NotificationFailure;
