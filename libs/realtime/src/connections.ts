import { Inject, Injectable, Logger } from '@nestjs/common';
import { ERRORS, OmsError } from '@lib/events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from 'socket.io';
import type { Identity, RealtimeContract } from './contract.js';
import type { Channel } from './delivery/channel.js';
import { Dismissals } from './dismissals.js';
import { Dispatcher } from './dispatcher.js';
import { parsePosition } from './journal/position.js';
import { Resume } from './resume.js';
import { SHARED_STATE, type SharedState } from './shared-state.js';
import type { RealtimeSocket } from './socket.js';

/** The longest delay that a timer takes: a longer one would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

/** How often, and with how many milliseconds between, it is tried to learn who was revoked meanwhile. */
const EXPEL_ATTEMPTS = 20;
const EXPEL_PAUSE = 500;

/** Lets sockets in and out: authentication, return, the first audiences, presence, the end of the token. */
@Injectable()
export class Connections {
  private readonly logger = new Logger(Connections.name);
  private readonly dismissals = new Dismissals();

  constructor(
    @Inject(SHARED_STATE) private readonly state: SharedState,
    private readonly dispatcher: Dispatcher,
    private readonly resume: Resume,
  ) {}

  attach(io: Server): void {
    const channels = this.dispatcher.attach(io);
    for (const channel of channels) {
      channel.namespace.use((socket, next) => void this.admit(channel.contract, socket, next));
      channel.namespace.on('connection', (socket) => this.welcome(channel, socket));
    }
    // The root namespace exists in every Socket.IO server; where no contract is there, nobody is let in.
    if (!channels.some(({ namespace }) => namespace.name === '/')) {
      io.use((_socket, next) => next(new Error('Invalid namespace')));
    }
    this.state.bus.subscribe((message) => {
      if (message.kind === 'disconnect') this.disconnect(message.userId);
      else this.dispatcher.sendEphemeral(message, message.exceptSocketId);
    });
    this.state.bus.onRejoined(() => void this.expelRevoked());
  }

  private async admit(
    contract: RealtimeContract,
    socket: RealtimeSocket,
    next: (error?: Error) => void,
  ): Promise<void> {
    socket.data.knocked = performance.now();
    try {
      const identity = await contract.authenticate(socket.handshake);
      if (!this.dispatcher.started) throw new OmsError('unavailable');
      if (await this.state.revocations.isRevoked(identity)) throw new OmsError('token_invalid');
      socket.data.identity = identity;
      await this.findReturn(socket, identity);
      next();
    } catch (thrown) {
      const error = thrown instanceof OmsError ? thrown : new OmsError('internal', { cause: thrown });
      if (!ERRORS[error.code].retryable) {
        next(Object.assign(new Error(error.message), { data: { code: error.code } }));
        return;
      }
      // A stock client gives up when it is refused, and comes back by itself when the connection breaks.
      this.logger.error(thrown);
      socket.conn.close();
    }
  }

  /**
   * A stock client that comes back names its `pid` and, as `offset`, the last string that it was sent: the
   * position. What it had subscribed to is found by the pid, if that is this user's.
   */
  private async findReturn(socket: RealtimeSocket, { userId }: Identity): Promise<void> {
    const { pid, offset } = socket.handshake.auth as { pid?: unknown; offset?: unknown };
    if (typeof pid !== 'string' || typeof offset !== 'string') return;
    const session = pid.length <= 64 ? await this.state.sessions.find(pid) : undefined;
    const own = session?.userId === userId ? session : undefined;
    socket.data.returning = { from: parsePosition(offset), sessionLost: own === undefined };
    if (!own) return;
    // The client recognizes its pid, and says so to its application: `socket.recovered`.
    Object.assign(socket, { pid });
    socket.data.held = own.audiences;
  }

  private welcome(channel: Channel, socket: RealtimeSocket): void {
    const { identity, returning, held = [] } = socket.data;
    if (this.dismissals.since(identity.userId, socket.data.knocked)) {
      socket.conn.close();
      return;
    }
    const { contract } = channel;
    const subscribed = held.filter((audience) => contract.mayHold(identity, audience));
    socket.data.held = subscribed;
    const outbox = this.dispatcher.open(socket);
    channel.add(outbox);
    void socket.join(['all', ...contract.audiences(identity), ...subscribed]);

    const pid = pidOf(socket);
    this.state.sessions.save(pid, { userId: identity.userId, audiences: subscribed }).catch((error: unknown) => {
      // Its subscriptions are not lost silently: a client whose session is not found is told to reload.
      this.logger.warn(`a session was not kept: ${String(error)}`);
    });
    this.state.presence.connected(identity.userId, socket.id);
    const expiry = this.endWithToken(socket, identity);
    socket.once('disconnect', () => {
      clearInterval(expiry);
      channel.remove(socket.id);
      this.state.presence.disconnected(identity.userId, socket.id);
    });

    forgetRequest(socket);
    if (!returning) this.resume.welcome(channel, outbox);
    else if (!returning.from) this.resume.resync(channel, outbox, 'epoch');
    else void this.resume.replay(channel, outbox, returning.from, returning.sessionLost);
  }

  /** Closes the connection, not the client: it comes back by itself, and is told then that its token has expired. */
  private endWithToken(socket: RealtimeSocket, { expiresAt }: Identity): NodeJS.Timeout | undefined {
    if (expiresAt === undefined) return undefined;
    // Looked at again and again, where the end is further away than a timer reaches.
    const timer = setInterval(
      () => {
        if (Date.now() < expiresAt) return;
        clearInterval(timer);
        socket.emit('error', new OmsError('token_expired').toBody());
        socket.conn.close();
      },
      Math.min(Math.max(expiresAt - Date.now(), 1), LONGEST_TIMER),
    );
    return timer.unref();
  }

  private disconnect(userId: string): void {
    this.dismissals.note(userId);
    for (const channel of this.dispatcher.all) {
      for (const { socket } of channel.all) if (socket.data.identity.userId === userId) socket.conn.close();
    }
  }

  /** Who was revoked while this node did not hear the others is still in. */
  private async expelRevoked(): Promise<void> {
    const sockets = this.dispatcher.all.flatMap((channel) => [...channel.all].map(({ socket }) => socket));
    for (const socket of sockets) {
      for (let attempt = 1; socket.connected; attempt++) {
        try {
          if (await this.state.revocations.isRevoked(socket.data.identity)) socket.conn.close();
          break;
        } catch {
          // The connection to ask by may be back later than the one to hear by.
          if (attempt > EXPEL_ATTEMPTS) return;
          await sleep(EXPEL_PAUSE);
        }
      }
    }
  }
}

/** The request that opened a connection is some 10 KB, kept for as long as it lives and needed by nobody after the handshake. */
function forgetRequest(socket: RealtimeSocket): void {
  Object.assign(socket.conn, { request: undefined });
}

export function pidOf(socket: RealtimeSocket): string {
  return (socket as unknown as { pid: string }).pid;
}
