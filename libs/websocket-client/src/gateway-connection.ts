import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { HttpService } from '@nestjs/axios';
import type { ConfigService } from '@nestjs/config';
import { DEVELOPMENT_JWT_SECRET } from '@lib/service';
import type { AxiosRequestConfig } from 'axios';
import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
  type IPolicy,
} from 'cockatiel';
import { firstValueFrom } from 'rxjs';
import { isTransient, StrangeAnswer } from './failure.js';
import { ServiceToken } from './service-token.js';

/** Milliseconds that one call may take, its repetitions included, where nothing else is set. */
const TIMEOUT_MS = 5_000;
/** The part of that which one attempt may take, so that a lost answer leaves time for another. */
const OF_ONE_ATTEMPT = 0.4;
/** Repetitions of one call, while its time lasts. */
const RETRIES = 3;
/** Failures in a row after which the gateway is left alone, and for how many milliseconds. */
const FAILURES = 20;
const PAUSE_MS = 1_000;
/** Connections that are kept, and that are opened at once. */
const IDLE_SOCKETS = 16;
const SOCKETS = 64;

interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Statuses that are an answer, beside the method's own. */
  alsoAccept?: readonly number[];
  /** Milliseconds of this attempt. */
  timeout?: number;
}

/**
 * HTTP to the gateway, over connections that are kept. Each method throws what {@link isTransient} and `toFailure`
 * explain, and answers a JSON object.
 */
export class GatewayConnection {
  private readonly baseUrl: string;
  private readonly token: ServiceToken;
  private readonly timeoutMs: number;
  private readonly patient: IPolicy;
  private readonly agents = {
    httpAgent: new HttpAgent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS, maxSockets: SOCKETS }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS, maxSockets: SOCKETS }),
  };

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
    this.timeoutMs = Number(config.get<string | number>('API_GATEWAY_TIMEOUT') || TIMEOUT_MS);
    const failures = handleWhen(isTransient);
    this.patient = wrap(
      timeout(this.timeoutMs, TimeoutStrategy.Aggressive),
      retry(failures, { maxAttempts: RETRIES, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 }) }),
      circuitBreaker(failures, { halfOpenAfter: PAUSE_MS, breaker: new ConsecutiveBreaker(FAILURES) }),
    );
  }

  /** Repeats where that is safe: `key` stays the same, so what arrived twice counts once. */
  post<T extends object>(path: string, body: unknown, key: string | undefined): Promise<T> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return this.patient.execute(({ signal }) => this.send<T>({ method: 'POST', path, body, headers }, signal));
  }

  /** One attempt, whatever the state of the gateway; for a caller that repeats by itself. */
  postOnce<T extends object>(path: string, body: unknown): Promise<T> {
    return this.send<T>({ method: 'POST', path, body, timeout: this.timeoutMs }, AbortSignal.timeout(this.timeoutMs));
  }

  get<T extends object>(path: string, alsoAccept: readonly number[] = []): Promise<T> {
    return this.patient.execute(({ signal }) => this.send<T>({ method: 'GET', path, alsoAccept }, signal));
  }

  close(): void {
    this.agents.httpAgent.destroy();
    this.agents.httpsAgent.destroy();
  }

  private async send<T extends object>(call: Call, signal: AbortSignal): Promise<T> {
    const { method, path, body, headers, alsoAccept = [], timeout: ofThisAttempt } = call;
    const request: AxiosRequestConfig = {
      ...this.agents,
      method,
      url: this.baseUrl + path,
      ...(body !== undefined && { data: body }),
      headers: { ...headers, ...this.token.header() },
      timeout: ofThisAttempt ?? this.timeoutMs * OF_ONE_ATTEMPT,
      signal,
      // The address is one of ours: a proxy of the environment, or whoever redirects, must not see the token.
      proxy: false,
      maxRedirects: 0,
      validateStatus: (status) =>
        (method === 'POST' ? status >= 200 && status < 300 : status === 200) || alsoAccept.includes(status),
    };
    const { data } = await firstValueFrom(this.http.request<T | string | null>(request));
    if (typeof data !== 'object' || data === null) throw new StrangeAnswer('the answer is no JSON object');
    return data;
  }
}
