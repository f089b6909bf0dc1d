import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import type { OrderView } from '../orders/order.view.js';
import { Mailer } from './mailer.js';
import { orderMail } from './order-mail.js';
import { SentryMessages } from './sentry-messages.js';

/** Tells the shop's staff of orders, by e-mail and Sentry, where these are switched on. Call it after the commit. */
@Injectable()
export class OrderNotices implements OnApplicationBootstrap {
  private readonly logger = new Logger(OrderNotices.name);

  constructor(
    @Inject(ORDER_CONFIG) private readonly config: OrderConfig,
    private readonly mailer: Mailer,
    private readonly sentry: SentryMessages,
  ) {}

  onApplicationBootstrap(): void {
    const { EMAIL_NOTIFICATIONS_ENABLED, EMAIL_HOST, EMAIL_PORT, ORDER_NOTIFICATION_RECIPIENTS, SENTRY_DSN } =
      this.config;
    const mail = EMAIL_NOTIFICATIONS_ENABLED
      ? `to ${ORDER_NOTIFICATION_RECIPIENTS.length} recipients by ${EMAIL_HOST}:${EMAIL_PORT}`
      : 'off (EMAIL_NOTIFICATIONS_ENABLED)';
    const sentry = SENTRY_DSN === undefined ? 'off (SENTRY_DSN)' : 'on';
    this.logger.log(`notices of new orders: e-mail ${mail}; Sentry ${sentry}`);
  }

  /** Returns at once, and never throws. */
  created(order: OrderView): void {
    if (this.config.EMAIL_NOTIFICATIONS_ENABLED) this.mailer.send(order.aliasId, orderMail(order));
    this.sentry.info('Order created', { orderId: order.id, aliasId: order.aliasId });
  }
}
