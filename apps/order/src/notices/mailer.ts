import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundWork } from '@lib/service';
import { createTransport } from 'nodemailer';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';
import type { MailText } from './order-mail.js';

/** Milliseconds before the second attempt, the third, and so on. */
const BACKOFF_MS = [500, 2_000, 8_000];
/** Milliseconds for each step of the talk with the server: a silent one must not hold a shutdown up for longer. */
const STEP_MS = 5_000;
/** Milliseconds of a shutdown in which what still waits is tried. */
const LAST_CALL_MS = 2_000;
/** Mails under way at the same time. */
const LANES = 4;
/** Mails kept for a server that is away; beyond these they are given up at once, not kept in memory without bound. */
const MOST_WAITING = 1_000;

/**
 * Sends mail in the background. A mail that waits here is lost when the process dies; the transactional outbox,
 * which comes with a later issue, makes it durable.
 */
@Injectable()
export class Mailer implements OnModuleDestroy {
  private readonly logger = new Logger(Mailer.name);
  private readonly transport: ReturnType<typeof transportOf>;
  private readonly recipients: string[];
  private readonly ending = new AbortController();
  private lastCall = Infinity;
  private waiting = 0;
  private next = 0;

  constructor(
    @Inject(ORDER_CONFIG) config: OrderConfig,
    private readonly background: BackgroundWork,
  ) {
    this.transport = transportOf(config);
    this.recipients = config.ORDER_NOTIFICATION_RECIPIENTS;
  }

  /** Returns at once. What goes wrong is a log line that names `about`, and never holds the password. */
  send(about: string, mail: MailText): void {
    if (this.waiting >= MOST_WAITING) {
      this.logger.error(`the mail of ${about} is not sent: ${MOST_WAITING} others wait already`);
      return;
    }
    this.waiting += 1;
    this.next = (this.next + 1) % LANES;
    this.background.run(`mail:${this.next}`, async () => {
      this.waiting -= 1;
      await this.deliver(about, mail);
    });
  }

  onModuleDestroy(): void {
    this.lastCall = Date.now() + LAST_CALL_MS;
    this.ending.abort();
  }

  private async deliver(about: string, mail: MailText): Promise<void> {
    let attempts = 0;
    let problem = 'the service is stopping';
    // The same in each attempt: one whose answer was lost may have arrived, and mailboxes know the second by this.
    const messageId = `<${randomUUID()}@oms-realtime>`;
    while (Date.now() < this.lastCall) {
      attempts += 1;
      try {
        const { rejected } = await this.transport.sendMail({ ...mail, messageId, to: this.recipients });
        if (rejected.length > 0) this.logger.warn(`the mail of ${about} was refused to ${rejected.length} recipients`);
        return;
      } catch (error) {
        problem = reason(error);
        const pause = isPermanent(error) ? undefined : BACKOFF_MS[attempts - 1];
        if (pause === undefined || this.ending.signal.aborted) break;
        if (attempts === 1) this.logger.warn(`the mail of ${about} could not be sent, trying again: ${problem}`);
        await delay(pause, undefined, { signal: this.ending.signal }).catch(() => undefined);
      }
    }
    this.logger.error(`the mail of ${about} was not sent, after ${attempts} attempts: ${problem}`);
  }
}

function transportOf(config: OrderConfig) {
  const { EMAIL_HOST: host = '', EMAIL_PORT: port, EMAIL_USER: user, EMAIL_PASSWORD: pass, EMAIL_FROM } = config;
  const secure = port === 465;
  const isLocal = ['localhost', '127.0.0.1', '::1'].includes(host);
  const from = EMAIL_FROM ?? (user?.includes('@') ? user : 'OMS Realtime <no-reply@localhost>');
  const transport = {
    host,
    port,
    secure,
    // The password goes over the network encrypted, or not at all.
    requireTLS: !secure && !isLocal && user !== undefined,
    ...(user !== undefined && pass !== undefined && { auth: { user, pass } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return createTransport(transport, { from });
}

interface SmtpError {
  code?: string;
  responseCode?: number;
  message: string;
}

/** Answers of 500 and above say that trying again will not help. */
function isPermanent(error: unknown): boolean {
  return ((error as Partial<SmtpError>).responseCode ?? 0) >= 500;
}

/** A server's own words are left out where it was given the password: it may repeat what it was sent. */
function reason(error: unknown): string {
  const { code, responseCode, message } = error as SmtpError;
  return [code, responseCode, code === 'EAUTH' ? 'the server refuses EMAIL_USER' : message].filter(Boolean).join(' ');
}
