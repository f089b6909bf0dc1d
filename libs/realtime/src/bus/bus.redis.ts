import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RedisLink, type RedisOptions } from '../redis/redis-link.js';
import type { Bus, BusMessage } from './bus.js';

/** Milliseconds between two log lines about dropped messages. */
const DROP_LOG_INTERVAL = 10_000;

interface Envelope {
  from: string;
  message: BusMessage;
}

/**
 * The bus between nodes, on Redis pub/sub. This node hears itself directly, not by way of Redis: at once,
 * exactly once, and also while Redis is away.
 */
export class RedisBus implements Bus {
  private readonly logger = new Logger(RedisBus.name);
  private readonly id = randomUUID();
  private readonly channel: string;
  /** Its own, since a connection that listens can do nothing else. */
  private readonly ears: RedisLink;
  private readonly listeners: ((message: BusMessage) => void)[] = [];
  private readonly rejoinListeners: (() => void)[] = [];
  private joined = false;
  private dropped = 0;
  private dropLogged = 0;
  private closed = false;

  constructor(
    private readonly link: RedisLink,
    options: RedisOptions,
  ) {
    this.channel = `${link.prefix}bus`;
    this.ears = new RedisLink(options);
    this.ears.onReady(() => void this.listen());
    this.ears.onMessage((_channel, text) => this.hear(text));
  }

  async publish(message: BusMessage): Promise<boolean> {
    if (this.closed) return false;
    this.tell(message);
    const text = JSON.stringify({ from: this.id, message } satisfies Envelope);
    try {
      if (!this.link.ready) throw new Error('not connected');
      await this.link.run((client) => client.publish(this.channel, text));
      return true;
    } catch {
      this.drop();
      return false;
    }
  }

  subscribe(listener: (message: BusMessage) => void): void {
    this.listeners.push(listener);
  }

  onRejoined(listener: () => void): void {
    this.rejoinListeners.push(listener);
  }

  close(): Promise<void> {
    this.closed = true;
    this.listeners.length = 0;
    this.ears.close();
    return Promise.resolve();
  }

  private async listen(): Promise<void> {
    try {
      await this.ears.run((client) => client.subscribe(this.channel));
    } catch {
      // A connection that breaks meanwhile comes back, and then listens.
      return;
    }
    if (this.joined) for (const listener of this.rejoinListeners) listener();
    this.joined = true;
  }

  private hear(text: string): void {
    let envelope: Envelope;
    try {
      envelope = JSON.parse(text) as Envelope;
    } catch {
      return this.logger.warn('a message on the bus is not JSON: passed over');
    }
    if (envelope.from !== this.id) this.tell(envelope.message);
  }

  private tell(message: BusMessage): void {
    for (const listener of this.listeners) {
      try {
        listener(message);
      } catch (error) {
        this.logger.error(`a listener failed: ${String(error)}`);
      }
    }
  }

  private drop(): void {
    this.dropped++;
    if (this.closed || Date.now() - this.dropLogged < DROP_LOG_INTERVAL) return;
    this.dropLogged = Date.now();
    this.logger.warn(`Redis is not connected: ${this.dropped} message(s) to other nodes dropped so far`);
  }
}
