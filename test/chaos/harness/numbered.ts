import type { Received } from '../../support/client.js';

/** One numbered event of a stream. A stream is one user's; its numbers count from 0. */
export interface Numbered {
  userId: number;
  n: number;
}

/** What stands in an event's payload, to be recognized by. */
export const labelOf = ({ userId, n }: Numbered): string => `${userId}#${n}`;

/** Every second event is an order, which gives its owner two messages and each admin one; the others are notices. */
export const isOrder = ({ n }: Numbered): boolean => n % 2 === 0;

/** The canonical event, as it is posted to `POST /events`. */
export function eventOf(numbered: Numbered): object {
  const { userId } = numbered;
  const label = labelOf(numbered);
  return isOrder(numbered)
    ? {
        type: 'order.created',
        data: { orderId: label, aliasId: label, userId, totalAmount: 1, status: 'PENDING', message: label },
      }
    : { type: 'user.notified', data: { userId, kind: 'numbered', title: 'Numbered', message: label } };
}

/** The messages of an event for its user, or for somebody who watches every order: their names and labels. */
export function messagesOf(numbered: Numbered, watcher: boolean): string[] {
  const label = labelOf(numbered);
  if (watcher) return isOrder(numbered) ? [`order_update ${label}`] : [];
  return isOrder(numbered) ? [`order_update ${label}`, `user_notification ${label}`] : [`user_notification ${label}`];
}

/** The same text for a message that came; `undefined` for one that is no part of a stream. */
export function messageOf({ event, args }: Received): string | undefined {
  const { data } = (args[0] ?? {}) as { data?: { message?: string; data?: { aliasId?: string } } };
  const label = data?.data?.aliasId ?? data?.message;
  return (event === 'order_update' || event === 'user_notification') && label !== undefined
    ? `${event} ${label}`
    : undefined;
}
