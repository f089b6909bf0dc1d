import { isIPv6 } from 'node:net';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { bearerToken, hasRole, type TokenService } from '@lib/auth';
import { OmsError } from '@lib/events';
import { StockService, type Messages } from './definition.js';
import { toStatus } from './status.js';
import type { StockReservations } from './stock-reservations.js';
import { validLines, validOrderId } from './validation.js';

export interface StockRpcServerOptions {
  reservations: StockReservations;
  tokens: TokenService;
  /** Told of what is not an error of the contract; the caller only learns that there was one. */
  onError(error: unknown): void;
}

/** Serves {@link StockReservations} by gRPC, to callers whose token has the role `service`. */
export class StockRpcServer {
  private readonly server = new Server({ 'grpc.max_receive_message_length': 1_048_576 });

  constructor(private readonly options: StockRpcServerOptions) {
    const { reservations } = options;
    this.server.addService(StockService.service, {
      Reserve: this.handler<'Reserve'>(async ({ orderId, lines }) => ({
        failed: [...(await reservations.reserve(validOrderId(orderId), validLines(lines)))],
      })),
      Release: this.handler<'Release'>(async ({ orderId }) => {
        await reservations.release(validOrderId(orderId));
        return {};
      }),
      Commit: this.handler<'Commit'>(async ({ orderId }) => {
        await reservations.commit(validOrderId(orderId));
        return {};
      }),
    });
  }

  /** Port 0 asks the system for a free one; resolves with the one it got. */
  listen(host: string, port: number): Promise<number> {
    const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.server.bindAsync(authority, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(new Error(`gRPC port ${port} cannot be opened: ${error.message}`, { cause: error }));
        else resolve(bound);
      });
    });
  }

  /** Lets calls under way end, for at most `patience` milliseconds. */
  async close(patience = 2_000): Promise<void> {
    const timer = setTimeout(() => this.server.forceShutdown(), patience);
    await new Promise<void>((resolve) => {
      this.server.tryShutdown(() => resolve());
    });
    clearTimeout(timer);
  }

  private handler<Name extends keyof Messages>(
    handle: (request: Messages[Name]['request']) => Promise<Messages[Name]['reply']>,
  ) {
    type Call = ServerUnaryCall<Messages[Name]['request'], Messages[Name]['reply']>;
    return (call: Call, callback: sendUnaryData<Messages[Name]['reply']>): void => {
      this.authenticate(call)
        .then(() => handle(call.request))
        .then(
          (reply) => callback(null, reply),
          (error: unknown) => {
            if (!(error instanceof OmsError)) this.options.onError(error);
            callback(toStatus(error));
          },
        );
    };
  }

  private async authenticate(call: ServerUnaryCall<unknown, unknown>): Promise<void> {
    const [header] = call.metadata.get('authorization');
    const principal = await this.options.tokens.verify(bearerToken(header?.toString()));
    if (!hasRole(principal, 'service')) throw new OmsError('forbidden');
  }
}
