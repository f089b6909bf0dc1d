import { Inject, Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from 'socket.io';
import { Admission } from './admission.js';
import type { Channel } from './delivery/channel.js';
import { Dismissals } from './dismissals.js';
import { Dispatcher } from './dispatcher.js';
import { formatPosition } from './journal/position.js';
import { Resume } from './resume.js';
import { SHARED_STATE, type SharedState } from './shared-state.js';
import { pidOf, type RealtimeSocket } from './socket.js';
import { endWithToken } from './token-end.js';

/** How often, and with how many milliseconds between, it is tried to learn who was revoked meanwhile. */
const EXPEL_ATTEMPTS = 20;
const EXPEL_PAUSE = 500;

/** The sockets of this node, from their admission to their end: first audiences, session, presence, sending away. */
@Injectable()
export class Connections {
  private readonly logger = new Logger(Connections.name);
  private readonly dismissals = new Dismissals();

  constructor(
    @Inject(SHARED_STATE) private readonly state: SharedState,
    private readonly admission: Admission,
    private readonly dispatcher: Dispatcher,
    private readonly resume: Resume,
  ) {}

  attach(io: Server): void {
    const channels = this.dispatcher.attach(io);
    for (const channel of channels) {
      channel.namespace.use((socket, next) => void this.admission.admit(channel.contract, socket, next));
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

  private welcome(channel: Channel, socket: RealtimeSocket): void {
    const { identity, returning, held = [] } = socket.data;
    if (this.dismissals.since(identity.userId, socket.data.knocked)) {
      socket.conn.close();
      return;
    }
    const { contract } = channel;
    const subscribed = held.filter((audience) => contract.mayHold(identity, audience));
    const { since = formatPosition(this.dispatcher.position) } = socket.data;
    Object.assign(socket.data, { held: subscribed, since });
    const outbox = this.dispatcher.open(socket);
    channel.add(outbox);
    void socket.join(['all', ...contract.audiences(identity), ...subscribed]);

    const session = { userId: identity.userId, audiences: subscribed, since };
    this.state.sessions.save(pidOf(socket), session).catch((error: unknown) => {
      // Its subscriptions are not lost silently: a client whose session is not found is told to reload.
      this.logger.warn(`a session was not kept: ${String(error)}`);
    });
    this.state.presence.connected(identity.userId, socket.id);
    const { expiresAt } = identity;
    const keepOpen = expiresAt === undefined ? undefined : endWithToken(socket, expiresAt);
    socket.once('disconnect', () => {
      keepOpen?.();
      channel.remove(socket.id);
      this.state.presence.disconnected(identity.userId, socket.id);
    });

    shrinkRequest(socket);
    if (!returning) this.resume.welcome(channel, outbox);
    else if (!returning.from) this.resume.resync(channel, outbox, 'epoch');
    else void this.resume.replay(channel, outbox, returning.from, returning.sessionLost);
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

/**
 * The request that opened a connection is some 10 KB, kept for as long as it lives. After the handshake only what a
 * further namespace of the same connection is told of it is needed.
 */
function shrinkRequest({ conn }: RealtimeSocket): void {
  const { headers, url, _query, connection } = conn.request as typeof conn.request & { _query?: unknown };
  const encrypted = 'encrypted' in connection;
  Object.assign(conn, { request: { headers, url, _query, connection: encrypted ? { encrypted } : {} } });
}
