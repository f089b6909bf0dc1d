import { HttpService } from '@nestjs/axios';
import { Injectable, Logger } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import {
  stockAlert,
  type ErrorBody,
  type FieldError,
  type GatewayHealth,
  type GatewayStats,
  type Id,
  type InventoryAlertDto,
  type OrderCreatedDto,
  type OrderStatusUpdateDto,
} from '@lib/events';
import { DEVELOPMENT_JWT_SECRET } from '@lib/service';
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
 * Reads `API_GATEWAY_URL` (default `http://localhost:3000`), `JWT_SECRET` (the gateway's own default, outside
 * production only), and `SERVICE_NAME` (default `service`), the `sub` of the short-lived token with role `service`
 * that it signs for itself.
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
    this.baseUrl = (config.get<string>('API_GATEWAY_URL') || 'http://localhost:3000').replace(/\/+$/, '');
    const secret = config.get<string>('JWT_SECRET') || undefined;
    if (secret === undefined && config.get<string>('NODE_ENV') === 'production') {
      throw new Error('JWT_SECRET: must be set in production, to the secret of the gateway');
    }
    this.token = new ServiceToken(secret ?? DEVELOPMENT_JWT_SECRET, config.get<string>('SERVICE_NAME') || 'service');
  }

  /** The owner gets `order_update` and `user_notification`, subscribers of all orders `order_update`. */
  notifyOrderCreated(order: OrderCreatedDto): Promise<boolean> {
    return this.post('/websocket/notifications/order-created', () => order);
  }

  notifyOrderStatusUpdate(update: OrderStatusUpdateDto): Promise<boolean> {
    return this.post('/websocket/notifications/order-status-update', () => update);
  }

  notifyInventoryAlert(alert: InventoryAlertDto): Promise<boolean> {
    return this.post('/websocket/notifications/inventory-alert', () => alert);
  }

  /**
   * Sends the alert that a change of quantity gives rise to, by the rule of {@link stockAlert}; `true`
   * also where it gives rise to none.
   */
  triggerInventoryNotifications(change: StockNotification): Promise<boolean> {
    return this.post('/websocket/notifications/inventory-alert', () => {
      const { productId, productName, currentQuantity, previousQuantity, threshold } = change;
      const alertType = stockAlert({ quantity: currentQuantity, previousQuantity, threshold });
      return alertType ? { productId, productName, currentQuantity, threshold, alertType } : null;
    });
  }

  broadcast(broadcast: Broadcast): Promise<boolean> {
    return this.post('/websocket/broadcast', () => broadcast);
  }

  notifyUser(notification: UserNotification): Promise<boolean> {
    return this.post('/websocket/broadcast', () => ({ type: 'user', ...notification }));
  }

  /** `false` also where the gateway did not answer. */
  isUserOnline(userId: Id): Promise<boolean> {
    return this.attempt('GET who is online', false, async () => {
      const { online } = await this.get<{ online: boolean }>(`/websocket/users/${encodeURIComponent(userId)}/online`);
      return online;
    });
  }

  /** The ids of everyone online; empty also where the gateway did not answer. */
  getOnlineUsers(): Promise<Id[]> {
    return this.attempt('GET who is online', [], async () => {
      const users: Id[] = [];
      for (;;) {
        const page = await this.get<{ count: number; users: Id[] }>(
          `/websocket/users/online?limit=1000&offset=${users.length}`,
        );
        users.push(...page.users);
        if (page.users.length === 0 || users.length >= page.count) return users;
      }
    });
  }

  /** `undefined` where the gateway did not answer. */
  getStats(): Promise<GatewayStats | undefined> {
    return this.attempt('GET statistics', undefined, () => this.get<GatewayStats>('/websocket/stats'));
  }

  /** `undefined` where the gateway did not answer. A degraded gateway answers, with its reason. */
  getHealth(): Promise<GatewayHealth | undefined> {
    return this.attempt('GET health', undefined, () => this.get<GatewayHealth>('/websocket/health', [503]));
  }

  /**
   * Sends the body that `make` makes; `null` is nothing to send. A caller that sends again gives an
   * `id`, and that is the key then; without one each call is a notification of its own.
   */
  private post(path: string, make: () => (object & { id?: string }) | null): Promise<boolean> {
    return this.attempt(`POST ${path}`, false, async () => {
      const body = make();
      if (body === null) return true;
      const key = body.id === undefined && { 'idempotency-key': randomUUID() };
      const headers = { ...this.token.header(), ...key };
      await firstValueFrom(this.http.post(this.baseUrl + path, body, { timeout: TIMEOUT, headers }));
      return true;
    });
  }

  /** Throws where the answer is not a JSON object. */
  private async get<T extends object>(path: string, alsoAccept: readonly number[] = []): Promise<T> {
    const { data } = await firstValueFrom(
      this.http.get<T | string | null>(this.baseUrl + path, {
        timeout: TIMEOUT,
        headers: this.token.header(),
        validateStatus: (status) => status === 200 || alsoAccept.includes(status),
      }),
    );
    if (typeof data !== 'object' || data === null) throw new Error('the answer is no JSON object');
    return data;
  }

  /** Whatever goes wrong is logged, and `otherwise` the answer: also what a wrong argument or answer leads to. */
  private async attempt<T>(what: string, otherwise: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.logger.warn(`${what} failed: ${reason(error)}`);
      return otherwise;
    }
  }
}

/** Status and the gateway's error code, or the connection's; never headers, which hold the token. */
function reason(error: unknown): string {
  if (!isAxiosError<{ error?: Partial<ErrorBody> } | null>(error)) {
    return error instanceof Error ? error.message : 'for no known reason';
  }
  const refused = error.response?.data?.error;
  const fields = Array.isArray(refused?.fields) ? (refused.fields as readonly FieldError[]) : [];
  const named = fields.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return [error.response?.status, refused?.code ?? error.code ?? error.message, named].filter(Boolean).join(' ');
}
