import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { OmsError } from '@lib/events';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { lastValueFrom, type Observable } from 'rxjs';
import { Adapter } from 'socket.io-adapter';
import type { Server, ServerOptions, Socket } from 'socket.io';
import { Connections } from '../connections.js';
import { LIMITS } from '../contract.js';
import { Counters } from '../counters.js';
import { bufferedBytes, cut } from '../delivery/wire.js';
import type { RealtimeLimits } from '../limits.js';
import { Readiness } from '../readiness.js';
import { refuse } from './answer.js';
import { guardDoor, nameConnections, refuseMethods } from './door.js';

type Handler = Parameters<IoAdapter['bindMessageHandlers']>[1][number];
type Transform = (data: unknown) => Observable<unknown>;
type Acknowledge = (answer: unknown) => void;

/**
 * The one place where the Socket.IO server is made: `app.useWebSocketAdapter(new RealtimeAdapter(app, { origins }))`.
 * Every message passes its guard, so that an unknown name or too many messages never go unanswered.
 */
export class RealtimeAdapter extends IoAdapter {
  private readonly limits: RealtimeLimits;
  private readonly connections: Connections;
  private readonly counters: Counters;
  private readonly readiness: Readiness;
  private readonly limiter: RateLimiterMemory;
  private readonly handlers = new WeakMap<Socket, Map<string, Handler>>();

  constructor(
    app: INestApplicationContext,
    private readonly options: {
      /** Whose pages may connect, `true` for all; the same setting as for HTTP. */
      origins: readonly string[] | true;
      /** Of this node among several: begins the id of each of its connections, for a balancer to go by. */
      nodeName?: string | undefined;
    },
  ) {
    super(app);
    this.limits = app.get<RealtimeLimits>(LIMITS);
    this.connections = app.get(Connections);
    this.counters = app.get(Counters);
    this.readiness = app.get(Readiness);
    this.limiter = new RateLimiterMemory({ points: this.limits.messagesPerMinute, duration: 60 });
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const engine: Partial<ServerOptions> = {
      ...options,
      cors: { origin: this.options.origins === true || [...this.options.origins], credentials: true },
      maxHttpBufferSize: this.limits.maxMessageBytes,
      pingInterval: this.limits.pingInterval,
      pingTimeout: this.limits.pingTimeout,
      upgradeTimeout: this.limits.upgradeTimeout,
      perMessageDeflate: false,
      httpCompression: false,
      serveClient: false,
      // Makes stock clients name their pid and position when they come back. The plain adapter restores
      // nothing of it: that is done by Resume, after authentication.
      connectionStateRecovery: { skipMiddlewares: false },
      adapter: Adapter,
    };
    const io: Server = super.createIOServer(port, engine as ServerOptions);
    refuseMethods(io);
    guardDoor(io, () => this.readiness.complaint() === undefined);
    if (this.options.nodeName !== undefined) nameConnections(io, this.options.nodeName);
    this.connections.attach(io);
    return io;
  }

  /**
   * Nest's own binding holds several streams for each handler of each socket, whether or not a message ever
   * comes. This one holds a map, and looks the handler up when a message is there.
   */
  override bindMessageHandlers(socket: Socket, handlers: Handler[], transform: Transform): void {
    const known = this.handlers.get(socket);
    const byName = known ?? new Map<string, Handler>();
    for (const handler of handlers) byName.set(String(handler.message), handler);
    if (known) return;
    this.handlers.set(socket, byName);
    socket.use((packet) => {
      const [name, ...args] = packet as [string, ...unknown[]];
      const ack = typeof args.at(-1) === 'function' ? (args.pop() as Acknowledge) : undefined;
      this.counters.messagesIn++;
      // Answers wait for a client that does not read them, as events do.
      if (bufferedBytes(socket.conn) > this.limits.maxBufferedBytes) {
        if (cut(socket.conn, 'slow consumer')) this.counters.slowDisconnects++;
        return;
      }
      this.limiter.consume(socket.id).then(
        () => {
          const handler = byName.get(name);
          if (handler) void this.handle(handler, args, ack, transform);
          else refuse(socket, ack, new OmsError('unknown_event'));
        },
        () => refuse(socket, ack, new OmsError('rate_limited')),
      );
    });
  }

  /** What the handler's filters did not answer is a defect of theirs: logged, and no reason to end the process. */
  private async handle(
    handler: Handler,
    args: readonly unknown[],
    ack: Acknowledge | undefined,
    transform: Transform,
  ): Promise<void> {
    try {
      const result: unknown = handler.callback(args.length > 1 ? args : args[0], ack);
      const answer = await lastValueFrom(transform(result), { defaultValue: undefined });
      if (answer !== undefined && !handler.isAckHandledManually) ack?.(answer);
    } catch (error) {
      this.logger.error(error);
    }
  }
}
