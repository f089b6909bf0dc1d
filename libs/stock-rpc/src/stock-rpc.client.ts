import { credentials, Metadata } from '@grpc/grpc-js';
import type { TokenService } from '@lib/auth';
import { StockService, type Messages, type StockClient, type StockMethods } from './definition.js';
import { fromStatus } from './status.js';
import type { FailedLine, StockLine, StockReservations } from './stock-reservations.js';

/** Milliseconds within which a call is answered or has failed. */
export const STOCK_RPC_TIMEOUT_MS = 3_000;

const OPTIONS = {
  // Found again within a second of its return; the default backs off up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A server that vanished without closing its connection is noticed between calls.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/**
 * {@link StockReservations} of an inventory service elsewhere. Connects when first called. Besides the errors of
 * the contract it throws `unavailable` where there is no valid answer in time; the call may then have taken effect.
 */
export class StockRpcClient implements StockReservations {
  private readonly client: StockClient;

  /** `url` is `host:port`; `serviceName` is the `sub` of the tokens that the calls carry. */
  constructor(
    url: string,
    private readonly tokens: TokenService,
    private readonly serviceName: string,
  ) {
    this.client = new StockService(url, credentials.createInsecure(), OPTIONS) as unknown as StockClient;
  }

  async reserve(orderId: string, lines: readonly StockLine[]): Promise<readonly FailedLine[]> {
    const { failed } = await this.call('Reserve', { orderId, lines: [...lines] });
    return failed;
  }

  async release(orderId: string): Promise<void> {
    await this.call('Release', { orderId });
  }

  async commit(orderId: string): Promise<void> {
    await this.call('Commit', { orderId });
  }

  close(): void {
    this.client.close();
  }

  private call<Name extends keyof Messages>(
    name: Name,
    request: Messages[Name]['request'],
  ): Promise<Messages[Name]['reply']> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.tokens.sign({ sub: this.serviceName, roles: ['service'] }, 60)}`);
    const deadline = Date.now() + STOCK_RPC_TIMEOUT_MS;
    const methods: StockMethods = this.client;
    return new Promise((resolve, reject) => {
      methods[name](request, metadata, { deadline }, (error, reply) => {
        if (reply) resolve(reply);
        else reject(fromStatus(error?.code, error));
      });
    });
  }
}
