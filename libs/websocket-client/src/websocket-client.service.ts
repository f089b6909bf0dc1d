import { HttpService } from '@nestjs/axios';
import { Injectable, Logger } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import {
  stockAlert,
  type GatewayHealth,
  type GatewayStats,
  type Id,
  type InventoryAlertDto,
  type OrderCreatedDto,
  type OrderStatusUpdateDto,
} from '@lib/events';
import { isAxiosError } from 'axios';
import { randomUUID } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import { ServiceToken } from './service-token.js';
import type { Broadcast, StockNotification, UserNotification } from './types.js';

/** Milliseconds that one call may take before it counts as failed. */
const TIMEOUT = 5_000;

/**
 * Notifies users through the API gateway. No method throws into the caller's business transaction: a
 * notification answers whether the gateway has it durably, a query its result or the documented fallback.
 * Each failure is one log line.
 *
 * Reads `API_GATEWAY_URL` (default `http://localhost:3000`), `JWT_SECRET`, and `SERVICE_NAME` (default
 * `service`), the `sub` of the short-lived token with role `service` that it signs for itself.
 */
@Injectable()
export class WebSocketClientService {
  private readonly logger = new Logger(WebSocketClientService.name);
  private readonly baseUrl: string;
  private readonly token: ServiceToken;

  constructor(
    private readonly http: HttpService,
    config: ConfigService,
  ) {
    this.baseUrl = (config.get<string>('API_GATEWAY_URL') ?? 'http://localhost:3000').replace(/\/+$/, '');
    this.token = new ServiceToken(
      config.getOrThrow<string>('JWT_SECRET'),
      config.get<string>('SERVICE_NAME') ?? 'service',
    );
  }

  /** The owner gets `order_update` and `user_notification`, subscribers of all orders `order_update`. */
  notifyOrderCreated(order: OrderCreatedDto): Promise<boolean> {
    return this.post('/websocket/notifications/order-created', order);
  }

  notifyOrderStatusUpdate(update: OrderStatusUpdateDto): Promise<boolean> {
    return this.post('/websocket/notifications/order-status-update', update);
  }

  notifyInventoryAlert(alert: InventoryAlertDto): Promise<boolean> {
    return this.post('/websocket/notifications/inventory-alert', alert);
  }

  /**
   * Sends the alert that a change of quantity gives rise to, by the rule of {@link stockAlert}; `true`
   * also where it gives rise to none.
   */
  triggerInventoryNotifications(change: StockNotification): Promise<boolean> {
    const { productId, productName, currentQuantity, previousQuantity, threshold } = change;
    const alertType = stockAlert({ quantity: currentQuantity, previousQuantity, threshold });
    if (alertType === undefined) return Promise.resolve(true);
    return this.notifyInventoryAlert({ productId, productName, currentQuantity, threshold, alertType });
  }

  broadcast(broadcast: Broadcast): Promise<boolean> {
    return this.post('/websocket/broadcast', broadcast);
  }

  notifyUser(notification: UserNotification): Promise<boolean> {
    return this.broadcast({ type: 'user', ...notification });
  }

  /** `false` also where the gateway did not answer. */
  async isUserOnline(userId: Id): Promise<boolean> {
    const answer = await this.get<{ online: boolean }>(`/websocket/users/${encodeURIComponent(userId)}/online`);
    return answer?.online ?? false;
  }

  /** The ids of everyone online; empty also where the gateway did not answer. */
  async getOnlineUsers(): Promise<Id[]> {
    const users: Id[] = [];
    for (;;) {
      const page = await this.get<{ count: number; users: Id[] }>(
        `/websocket/users/online?limit=1000&offset=${users.length}`,
      );
      if (!page) return [];
      users.push(...page.users);
      if (page.users.length === 0 || users.length >= page.count) return users;
    }
  }

  /** `undefined` where the gateway did not answer. */
  getStats(): Promise<GatewayStats | undefined> {
    return this.get<GatewayStats>('/websocket/stats');
  }

  /** `undefined` where the gateway did not answer. A degraded gateway answers, with its reason. */
  getHealth(): Promise<GatewayHealth | undefined> {
    return this.get<GatewayHealth>('/websocket/health', [503]);
  }

  /** A caller that sends again gives an `id`, and that is the key then; without one each call is a notification of its own. */
  private async post(path: string, body: { id?: string }): Promise<boolean> {
    try {
      await firstValueFrom(
        this.http.post(this.baseUrl + path, body, {
          timeout: TIMEOUT,
          headers: { ...this.token.header(), ...(body.id === undefined && { 'idempotency-key': randomUUID() }) },
        }),
      );
      return true;
    } catch (error) {
      this.logger.warn(`POST ${path} failed: ${reason(error)}`);
      return false;
    }
  }

  private async get<T>(path: string, alsoAccept: readonly number[] = []): Promise<T | undefined> {
    try {
      const response = await firstValueFrom(
        this.http.get<T>(this.baseUrl + path, {
          timeout: TIMEOUT,
          headers: this.token.header(),
          validateStatus: (status) => status === 200 || alsoAccept.includes(status),
        }),
      );
      return response.data;
    } catch (error) {
      this.logger.warn(`GET ${path} failed: ${reason(error)}`);
      return undefined;
    }
  }
}

/** Status and the gateway's error code, or the connection's; never headers, which hold the token. */
function reason(error: unknown): string {
  if (!isAxiosError<{ error?: { code?: string; fields?: { field: string; message: string }[] } }>(error)) {
    return String(error);
  }
  const refused = error.response?.data.error;
  const fields = refused?.fields?.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return [error.response?.status, refused?.code ?? error.code, fields].filter(Boolean).join(' ');
}
