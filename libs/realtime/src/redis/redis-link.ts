import { OmsError } from '@lib/events';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { backoff } from './backoff.js';
import { redisOutages } from './redis-outage.js';

export interface RedisOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  url: string;
  /** Begins every key and channel, so that several systems can share a server. Default `oms`. */
  prefix?: string;
}

/** Milliseconds without any answer after which the connection is taken for dead, and made anew. */
const ANSWER_WITHIN = 2_000;
/** Milliseconds from the beginning of an outage during which commands wait for its end; then they fail at once. */
const PATIENCE = 1_500;
/** Milliseconds between two questions to an idle server: a connection that died silently is noticed by them only. */
const PING_INTERVAL = 2_000;
/** Milliseconds between two log lines about commands that the server refused. */
const REFUSAL_LOG_INTERVAL = 10_000;

/**
 * One connection that comes back by itself, for as long as it is not closed. While it is away, nothing is
 * kept for later: a command fails within some 2 to 3 seconds, and may then have been carried out or not.
 */
export class RedisLink {
  /** What keys begin with. In braces, so that all of them would stand in one slot of a cluster. */
  readonly prefix: string;
  private readonly client: Redis;
  private readonly server: string;
  private readonly waiting = new Set<() => void>();
  private readonly readyListeners: (() => void)[] = [];
  private readonly pinging: NodeJS.Timeout | undefined;
  private downSince: number | undefined = Date.now();
  private lastError = 'the connection was closed';
  private refusalLogged = 0;
  private closed = false;

  /** @param blocking milliseconds that a command of this connection may rightly wait at the server. */
  constructor({ url, prefix = 'oms' }: RedisOptions, blocking = 0) {
    if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
      throw new Error('the URL of Redis must be redis://host:port or rediss://host:port');
    }
    this.server = `Redis at ${new URL(url).host}`;
    this.prefix = `{${prefix}}:`;
    this.client = new Redis(url, {
      protocol: 2,
      connectTimeout: ANSWER_WITHIN,
      socketTimeout: ANSWER_WITHIN + blocking,
      disconnectTimeout: 100,
      retryStrategy: backoff,
      maxLoadingRetryTime: 200,
      // Nothing is sent twice or later than asked for: callers know best what to repeat.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      // It would leave a rejection unhandled when the connection breaks again meanwhile: `onReady` subscribes.
      autoResubscribe: false,
      // A former master, now a replica: the name may lead to the new one.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.client.on('error', (error: NodeJS.ErrnoException) => (this.lastError = error.code ?? error.message));
    this.client.on('close', () => this.down());
    this.client.on('ready', () => this.up());
    if (blocking === 0) {
      this.pinging = setInterval(() => {
        if (this.ready) this.client.ping().catch(() => undefined);
      }, PING_INTERVAL).unref();
    }
  }

  get ready(): boolean {
    return this.downSince === undefined && !this.closed;
  }

  /** Whether a command would fail at once: the server is away, and no short time only. */
  get refusing(): boolean {
    return !this.ready && this.patienceLeft <= 0;
  }

  /** The result of `work`; rejects with `OmsError` `unavailable` where the server is away, or refuses. */
  async run<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    try {
      if (!this.ready) await this.reconnected();
      return await work(this.client);
    } catch (error) {
      if (error instanceof OmsError) throw error;
      this.logRefusal(error);
      throw new OmsError('unavailable', { cause: error });
    }
  }

  /** Called whenever the connection stands: at first, and after each outage. */
  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  onMessage(listener: (channel: string, text: string) => void): void {
    this.client.on('message', listener);
  }

  /** Resolves when the connection stands again, or `milliseconds` have passed. */
  readyOrAfter(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.waiting.add(done);
    });
  }

  /** Ends the connection; what still waits for an answer is rejected. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.pinging);
    redisOutages.forget(this.server, this);
    this.client.disconnect();
    this.wake();
  }

  /** Milliseconds for which commands still wait for the connection to come back. */
  private get patienceLeft(): number {
    return this.closed ? 0 : (this.downSince ?? 0) + PATIENCE - Date.now();
  }

  private async reconnected(): Promise<void> {
    const left = this.patienceLeft;
    if (left > 0) await this.readyOrAfter(left);
    if (!this.ready) throw new OmsError('unavailable', { cause: new Error(`${this.server}: ${this.lastError}`) });
  }

  private up(): void {
    if (this.closed) return;
    this.downSince = undefined;
    redisOutages.restored(this.server, this);
    this.wake();
    for (const listener of this.readyListeners) listener();
  }

  private down(): void {
    if (this.closed) return;
    this.downSince ??= Date.now();
    redisOutages.lost(this.server, this, this.lastError);
  }

  private wake(): void {
    for (const done of this.waiting) done();
  }

  /** The server answers, but not as it should: out of memory, a full disk, a wrong password. */
  private logRefusal(error: unknown): void {
    if (!(error instanceof Error) || error.name !== 'ReplyError') return;
    if (Date.now() - this.refusalLogged < REFUSAL_LOG_INTERVAL) return;
    this.refusalLogged = Date.now();
    new Logger('Redis').error(`${this.server} refuses: ${error.message}`);
  }
}

/** The values of a transaction or a pipeline; throws the first error in it. */
export function values(results: [error: Error | null, value: unknown][] | null): unknown[] {
  if (results === null) throw new Error('the transaction was not carried out');
  return results.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}
