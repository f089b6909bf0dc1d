import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { OmsError } from '@lib/events';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Observable } from 'rxjs';
import { Adapter } from 'socket.io-adapter';
import type { Server, ServerOptions, Socket } from 'socket.io';
import { Connections } from '../connections.js';
import { LIMITS } from '../contract.js';
import { Counters } from '../counters.js';
import { Drain } from '../drain.js';
import type { RealtimeLimits } from '../limits.js';
import { refuse } from './answer.js';

/**
 * The one place where the Socket.IO server is made: `app.useWebSocketAdapter(new RealtimeAdapter(app, { origins }))`.
 * Every message passes its guard, so that an unknown name or too many messages never go unanswered.
 */
export class RealtimeAdapter extends IoAdapter {
  private readonly limits: RealtimeLimits;
  private readonly connections: Connections;
  private readonly counters: Counters;
  private readonly drain: Drain;
  private readonly limiter: RateLimiterMemory;

  constructor(
    app: INestApplicationContext,
    /** Origins whose pages may connect; the same setting as for HTTP. */
    private readonly cors: { origins: readonly string[] },
  ) {
    super(app);
    this.limits = app.get<RealtimeLimits>(LIMITS);
    this.connections = app.get(Connections);
    this.counters = app.get(Counters);
    this.drain = app.get(Drain);
    this.limiter = new RateLimiterMemory({ points: this.limits.messagesPerMinute, duration: 60 });
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const engine: Partial<ServerOptions> = {
      ...options,
      cors: { origin: [...this.cors.origins], credentials: true },
      maxHttpBufferSize: this.limits.maxMessageBytes,
      pingInterval: this.limits.pingInterval,
      pingTimeout: this.limits.pingTimeout,
      upgradeTimeout: this.limits.upgradeTimeout,
      perMessageDeflate: false,
      httpCompression: false,
      serveClient: false,
      // A closed door keeps a stock client knocking, where a refusal by middleware would make it give up.
      allowRequest: (_request, decide) => decide(null, !this.drain.draining),
      // Makes stock clients name their pid and position when they come back. The plain adapter restores
      // nothing of it: that is done by Resume, after authentication.
      connectionStateRecovery: { skipMiddlewares: false },
      adapter: Adapter,
    };
    const io: Server = super.createIOServer(port, engine as ServerOptions);
    this.connections.attach(io);
    return io;
  }

  override bindMessageHandlers(
    socket: Socket,
    handlers: Parameters<IoAdapter['bindMessageHandlers']>[1],
    transform: (data: unknown) => Observable<unknown>,
  ): void {
    const names = new Set(handlers.map(({ message }) => String(message)));
    socket.use((packet, next) => {
      const [name, ...args] = packet as unknown[];
      this.counters.messagesIn++;
      this.limiter.consume(socket.id).then(
        () => {
          if (names.has(String(name))) next();
          else refuse(socket, args.at(-1), new OmsError('unknown_event'));
        },
        () => refuse(socket, args.at(-1), new OmsError('rate_limited')),
      );
    });
    super.bindMessageHandlers(socket, handlers, transform);
  }
}
