import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { NodeClient, Scope } from '@sentry/node';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';

/** Milliseconds that a shutdown waits for messages that are under way. */
const FLUSH_MS = 2_000;

/**
 * Messages to Sentry, with a client of their own: nothing in the process is instrumented or caught, and where no DSN
 * is set the SDK is not even loaded.
 */
@Injectable()
export class SentryMessages implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SentryMessages.name);
  private client: NodeClient | undefined;
  private scope: Scope | undefined;

  constructor(@Inject(ORDER_CONFIG) private readonly config: OrderConfig) {}

  async onApplicationBootstrap(): Promise<void> {
    const { SENTRY_DSN: dsn, NODE_ENV: environment } = this.config;
    if (dsn === undefined) return;
    const sentry = await import('@sentry/node');
    this.client = new sentry.NodeClient({
      dsn,
      environment,
      transport: sentry.makeNodeTransport,
      stackParser: sentry.defaultStackParser,
      integrations: [],
      sendClientReports: false,
    });
    this.scope = new sentry.Scope();
    this.scope.setClient(this.client);
    this.client.on('afterSendEvent', (event, { statusCode }) => {
      if (statusCode !== undefined && statusCode < 300) return;
      this.logger.warn(`a message did not reach Sentry (${statusCode ?? 'no answer'}): ${JSON.stringify(event.tags)}`);
    });
    this.client.init();
  }

  /** Returns at once; sent in the background, kept in the SDK's bounded buffer meanwhile. */
  info(message: string, tags: Readonly<Record<string, string | number>>): void {
    const scope = this.scope?.clone();
    scope?.setTags(tags);
    scope?.captureMessage(message, 'info');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client?.close(FLUSH_MS);
  }
}
