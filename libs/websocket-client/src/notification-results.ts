import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import { stockAlert, type InventoryAlertDto, type OrderCreatedDto, type OrderStatusUpdateDto } from '@lib/events';
import { StrangeAnswer, toFailure } from './failure.js';
import type { GatewayConnection } from './gateway-connection.js';
import type {
  Accepted,
  Broadcast,
  NotificationFailure,
  NotificationResult,
  StockNotification,
  StockResult,
  UserNotification,
} from './types.js';

/** The notifications of `WebSocketClientService`, each with what came of it instead of a boolean. None throws. */
export class NotificationResults {
  constructor(
    private readonly gateway: GatewayConnection,
    private readonly logger: Logger,
  ) {}

  notifyOrderCreated(order: OrderCreatedDto): Promise<NotificationResult> {
    return this.post('/websocket/notifications/order-created', () => order);
  }

  notifyOrderStatusUpdate(update: OrderStatusUpdateDto): Promise<NotificationResult> {
    return this.post('/websocket/notifications/order-status-update', () => update);
  }

  notifyInventoryAlert(alert: InventoryAlertDto): Promise<NotificationResult> {
    return this.post('/websocket/notifications/inventory-alert', () => alert);
  }

  /** Sends the alert that a change of quantity gives rise to, by the rule of {@link stockAlert}, if any. */
  async triggerInventoryNotifications(change: StockNotification): Promise<StockResult> {
    let alert: InventoryAlertDto | undefined;
    try {
      alert = alertOf(change);
    } catch (error) {
      return this.failed('the alert of a change of stock', error);
    }
    return alert ? this.notifyInventoryAlert(alert) : { ok: true, eventId: null, position: null, duplicate: false };
  }

  /** To several users it is several events; the answer names the first. */
  broadcast(broadcast: Broadcast): Promise<NotificationResult> {
    return this.post('/websocket/broadcast', () => broadcast);
  }

  notifyUser(notification: UserNotification): Promise<NotificationResult> {
    return this.post('/websocket/broadcast', () => ({ type: 'user', ...notification }));
  }

  /**
   * A caller that sends again gives an `id`, and that is the key then; without one each call is a notification of its
   * own, and its key is made here, before the first attempt.
   */
  private async post(path: string, make: () => object & { id?: string }): Promise<NotificationResult> {
    try {
      const body = make();
      const key = body.id === undefined ? randomUUID() : undefined;
      const { eventId, position, duplicate } = await this.gateway.post<Partial<Accepted>>(path, body, key);
      if (typeof eventId !== 'string' || typeof position !== 'string') throw new StrangeAnswer('it names no event');
      return { ok: true, eventId, position, duplicate: duplicate === true };
    } catch (error) {
      return this.failed(`POST ${path}`, error);
    }
  }

  private failed(what: string, error: unknown): NotificationFailure {
    const failure = toFailure(error);
    this.logger.warn(`${what} failed: ${failure.message}`);
    return failure;
  }
}

/** What of it its users see. */
export type Notifications = Pick<NotificationResults, keyof NotificationResults>;

/** Throws where there is no change to look at. */
export function alertOf(change: StockNotification): InventoryAlertDto | undefined {
  const { productId, productName, currentQuantity, previousQuantity, threshold } = change;
  const alertType = stockAlert({ quantity: currentQuantity, previousQuantity, threshold });
  return alertType && { productId, productName, currentQuantity, threshold, alertType };
}
