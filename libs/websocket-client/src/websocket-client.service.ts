import { HttpService } from '@nestjs/axios';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import {
  parseEvent,
  type CanonicalEvent,
  type EventInput,
  type EventPublisher,
  type GatewayHealth,
  type GatewayStats,
  type Id,
  type InventoryAlertDto,
  type OrderCreatedDto,
  type OrderStatusUpdateDto,
} from '@lib/events';
import { EventBuffer } from './event-buffer.js';
import { StrangeAnswer, toFailure } from './failure.js';
import { GatewayConnection } from './gateway-connection.js';
import { NotificationResults, type Notifications } from './notification-results.js';
import type { Accepted, Broadcast, PublishResult, StockNotification, UserNotification } from './types.js';

/** Events that wait in memory at most, where nothing else is set. */
const BUFFER = 10_000;
/** Milliseconds that a stopping app waits for them. */
const FLUSH_MS = 5_000;

/**
 * Notifies users through the API gateway. No method throws into the caller's business transaction: a
 * notification answers whether the gateway has it durably ({@link results} says more), a query its result or the
 * documented fallback. Each failure is one log line.
 *
 * A call that fails in passing is repeated for as long as its time lasts, under one idempotency key. Where the gateway
 * fails again and again, calls fail at once for a moment, and leave it alone.
 *
 * Reads `API_GATEWAY_URL` (default `http://localhost:3000`), `JWT_SECRET` (the gateway's own default, outside
 * production only), `SERVICE_NAME` (default `service`), the `sub` of the short-lived token with role `service`
 * that it signs for itself, `API_GATEWAY_TIMEOUT` (milliseconds of a call, default 5000) and `API_GATEWAY_BUFFER`
 * (events that {@link enqueue} keeps, default 10000).
 */
@Injectable()
export class WebSocketClientService implements EventPublisher, OnApplicationShutdown {
  /** The same notifications, each answering what came of it. */
  readonly results: Notifications;

  private readonly logger = new Logger(WebSocketClientService.name);
  private readonly gateway: GatewayConnection;
  private readonly buffer: EventBuffer;
  private readonly source: string;

  constructor(http: HttpService, config: ConfigService) {
    this.gateway = new GatewayConnection(http, config);
    this.results = new NotificationResults(this.gateway, this.logger);
    this.source = `/services/${config.get<string>('SERVICE_NAME') || 'service'}`;
    const capacity = Number(config.get<string | number>('API_GATEWAY_BUFFER') || BUFFER);
    this.buffer = new EventBuffer(this, capacity, (message) => this.logger.warn(message));
  }

  /** The owner gets `order_update` and `user_notification`, subscribers of all orders `order_update`. */
  async notifyOrderCreated(order: OrderCreatedDto): Promise<boolean> {
    return (await this.results.notifyOrderCreated(order)).ok;
  }

  async notifyOrderStatusUpdate(update: OrderStatusUpdateDto): Promise<boolean> {
    return (await this.results.notifyOrderStatusUpdate(update)).ok;
  }

  async notifyInventoryAlert(alert: InventoryAlertDto): Promise<boolean> {
    return (await this.results.notifyInventoryAlert(alert)).ok;
  }

  /** Sends the alert that a change of quantity gives rise to; `true` also where it gives rise to none. */
  async triggerInventoryNotifications(change: StockNotification): Promise<boolean> {
    return (await this.results.triggerInventoryNotifications(change)).ok;
  }

  async broadcast(broadcast: Broadcast): Promise<boolean> {
    return (await this.results.broadcast(broadcast)).ok;
  }

  async notifyUser(notification: UserNotification): Promise<boolean> {
    return (await this.results.notifyUser(notification)).ok;
  }

  /**
   * Gives canonical events to the gateway: all, in their order, or none; at most 1,000. One attempt, as whoever calls
   * keeps the events and tries again (the outbox does), which is safe. Silent: its caller logs.
   */
  async publish(events: readonly CanonicalEvent[]): Promise<PublishResult> {
    try {
      const { results } = await this.gateway.postOnce<{ results?: Accepted[] }>('/events', events);
      if (!Array.isArray(results) || results.length !== events.length) throw new StrangeAnswer('it names no events');
      return { ok: true, results };
    } catch (error) {
      return toFailure(error);
    }
  }

  /**
   * Keeps an event in memory and publishes it soon, with others, for as long as it takes. True: it is kept; it is lost
   * only if this process ends before the gateway is there (see {@link flush}). False: it is not valid, or
   * `API_GATEWAY_BUFFER` events wait already. Whoever must not lose an event writes it to an outbox instead.
   */
  enqueue(input: EventInput): boolean {
    try {
      const kept = this.buffer.add(parseEvent(input, { source: this.source }));
      if (!kept) this.logger.warn(`an event is not kept: ${this.buffer.size} wait already`);
      return kept;
    } catch (error) {
      this.logger.warn(`an event is not kept: ${toFailure(error).message}`);
      return false;
    }
  }

  /** Waits until everything enqueued is published or refused; false where that takes longer than `limitMs`. */
  flush(limitMs: number = FLUSH_MS): Promise<boolean> {
    return this.buffer.flush(limitMs);
  }

  async onApplicationShutdown(): Promise<void> {
    if (!(await this.flush())) this.logger.error(`${this.buffer.size} events are lost: the gateway did not take them`);
    this.buffer.close();
    this.gateway.close();
  }

  /** `false` also where the gateway did not answer. */
  isUserOnline(userId: Id): Promise<boolean> {
    return this.ask('who is online', false, async () => {
      const path = `/websocket/users/${encodeURIComponent(userId)}/online`;
      return (await this.gateway.get<{ online: boolean }>(path)).online;
    });
  }

  /** The ids of everyone online; empty also where the gateway did not answer. */
  getOnlineUsers(): Promise<Id[]> {
    return this.ask('who is online', [], async () => {
      const users: Id[] = [];
      for (;;) {
        const path = `/websocket/users/online?limit=1000&offset=${users.length}`;
        const page = await this.gateway.get<{ count: number; users: Id[] }>(path);
        users.push(...page.users);
        if (page.users.length === 0 || users.length >= page.count) return users;
      }
    });
  }

  /** `undefined` where the gateway did not answer. */
  getStats(): Promise<GatewayStats | undefined> {
    return this.ask('statistics', undefined, () => this.gateway.get<GatewayStats>('/websocket/stats'));
  }

  /** `undefined` where the gateway did not answer. A degraded gateway answers, with its reason. */
  getHealth(): Promise<GatewayHealth | undefined> {
    return this.ask('health', undefined, () => this.gateway.get<GatewayHealth>('/websocket/health', [503]));
  }

  /** Whatever goes wrong is logged, and `otherwise` the answer: also what a wrong argument or answer leads to. */
  private async ask<T>(what: string, otherwise: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.logger.warn(`GET ${what} failed: ${toFailure(error).message}`);
      return otherwise;
    }
  }
}
