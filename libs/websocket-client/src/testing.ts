import { parseEvent, type CanonicalEvent, type ErrorCode, ERRORS, type EventInput, type Id } from '@lib/events';
import { alertOf, type Notifications } from './notification-results.js';
import type { NotificationFailure, NotificationResult, PublishResult, StockResult } from './types.js';
import type { WebSocketClientService } from './websocket-client.service.js';

type Notification = keyof Notifications;
type ArgumentOf<M extends Notification> = Parameters<Notifications[M]>[0];

/** One call, by the name of the method; the boolean and the typed form count alike. */
export type RecordedCall = { [M in Notification]: { method: M; argument: ArgumentOf<M> } }[Notification];

/**
 * Stands in for `WebSocketClientService` in the tests of a service that uses it: sends nothing, and keeps what it was
 * told. `{ provide: WebSocketClientService, useValue: new RecordingWebSocketClient() }`.
 */
export class RecordingWebSocketClient implements Pick<WebSocketClientService, keyof WebSocketClientService> {
  /** In their order. */
  readonly calls: RecordedCall[] = [];
  /** What was published and enqueued. */
  readonly events: CanonicalEvent[] = [];
  /** Who is online. */
  readonly online = new Set<Id>();
  private failure: NotificationFailure | undefined;
  private count = 0;

  readonly results: Notifications = {
    notifyOrderCreated: (order) => this.record({ method: 'notifyOrderCreated', argument: order }),
    notifyOrderStatusUpdate: (update) => this.record({ method: 'notifyOrderStatusUpdate', argument: update }),
    notifyInventoryAlert: (alert) => this.record({ method: 'notifyInventoryAlert', argument: alert }),
    triggerInventoryNotifications: async (change): Promise<StockResult> => {
      const result = await this.record({ method: 'triggerInventoryNotifications', argument: change });
      const silent = { ok: true, eventId: null, position: null, duplicate: false } as const;
      return alertOf(change) ? result : silent;
    },
    broadcast: (broadcast) => this.record({ method: 'broadcast', argument: broadcast }),
    notifyUser: (notification) => this.record({ method: 'notifyUser', argument: notification }),
  };

  /** The arguments of the calls of one method. */
  of<M extends Notification>(method: M): ArgumentOf<M>[] {
    return this.calls.filter((call) => call.method === method).map(({ argument }) => argument as ArgumentOf<M>);
  }

  /** From now on every call fails with this, and is recorded all the same. Without a code they succeed again. */
  failWith(code?: ErrorCode): void {
    this.failure = code && { ok: false, code, retryable: ERRORS[code].retryable, message: ERRORS[code].message };
  }

  notifyOrderCreated: WebSocketClientService['notifyOrderCreated'] = async (order) =>
    (await this.results.notifyOrderCreated(order)).ok;
  notifyOrderStatusUpdate: WebSocketClientService['notifyOrderStatusUpdate'] = async (update) =>
    (await this.results.notifyOrderStatusUpdate(update)).ok;
  notifyInventoryAlert: WebSocketClientService['notifyInventoryAlert'] = async (alert) =>
    (await this.results.notifyInventoryAlert(alert)).ok;
  triggerInventoryNotifications: WebSocketClientService['triggerInventoryNotifications'] = async (change) =>
    (await this.results.triggerInventoryNotifications(change)).ok;
  broadcast: WebSocketClientService['broadcast'] = async (broadcast) => (await this.results.broadcast(broadcast)).ok;
  notifyUser: WebSocketClientService['notifyUser'] = async (notification) =>
    (await this.results.notifyUser(notification)).ok;

  async publish(events: readonly CanonicalEvent[]): Promise<PublishResult> {
    if (this.failure) return this.failure;
    this.events.push(...events);
    return { ok: true, results: events.map(({ id }) => ({ eventId: id, position: this.next(), duplicate: false })) };
  }

  enqueue(event: EventInput): boolean {
    if (this.failure) return false;
    this.events.push(parseEvent(event, { source: '/services/test' }));
    return true;
  }

  flush(): Promise<boolean> {
    return Promise.resolve(true);
  }

  onApplicationShutdown(): Promise<void> {
    return Promise.resolve();
  }

  isUserOnline(userId: Id): Promise<boolean> {
    return Promise.resolve(this.online.has(userId));
  }

  getOnlineUsers(): Promise<Id[]> {
    return Promise.resolve([...this.online]);
  }

  /** It has no gateway to ask. */
  getStats(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  getHealth(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  private async record(call: RecordedCall): Promise<NotificationResult> {
    this.calls.push(call);
    return this.failure ?? { ok: true, eventId: `event-${this.count + 1}`, position: this.next(), duplicate: false };
  }

  private next(): string {
    this.count += 1;
    return `test-${this.count}`;
  }
}
