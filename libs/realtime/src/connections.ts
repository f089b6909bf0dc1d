import { Inject, Injectable } from '@nestjs/common';
import { OmsError, type Audience } from '@lib/events';
import type { DefaultEventsMap, Namespace, Server, Socket } from 'socket.io';
import { CONTRACTS, type Identity, type RealtimeContract } from './contract.js';
import { Dispatcher } from './dispatcher.js';
import { formatPosition } from './journal/position.js';
import { PRESENCE, type Presence } from './presence/presence.js';

export interface SocketData<I extends Identity = Identity> {
  identity: I;
}

/** A socket after the middleware: authenticated. */
export type RealtimeSocket<I extends Identity = Identity> = Socket<
  DefaultEventsMap,
  DefaultEventsMap,
  DefaultEventsMap,
  SocketData<I>
>;

/** The longest delay that a timer takes: a longer one would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

/** Lets sockets in: authenticates, joins, confirms; and keeps who is connected to this process. */
@Injectable()
export class Connections {
  private io: Server | undefined;

  constructor(
    @Inject(CONTRACTS) private readonly contracts: readonly RealtimeContract[],
    @Inject(PRESENCE) private readonly presence: Presence,
    private readonly dispatcher: Dispatcher,
  ) {}

  attach(io: Server): void {
    this.io = io;
    for (const contract of this.contracts) {
      const namespace: Namespace<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData> = io.of(
        contract.namespace,
      );
      namespace.use((socket, next) => {
        this.authenticate(contract, socket).then(
          () => next(),
          (error: unknown) => next(refusal(error)),
        );
      });
      namespace.on('connection', (socket) => this.welcome(contract, socket));
    }
    // The root namespace exists in every Socket.IO server; where no contract is there, nobody is let in.
    if (!this.contracts.some(({ namespace }) => namespace === '/')) {
      io.use((_socket, next) => next(new Error('Invalid namespace')));
    }
    this.dispatcher.attach(io);
  }

  /** Sockets, users and rooms of one contract on this node. */
  stats(contract: RealtimeContract): { sockets: number; users: number; rooms: Record<string, number> } {
    const namespace = this.io?.of(contract.namespace);
    const sockets = [...(namespace?.sockets.values() ?? [])] as RealtimeSocket[];
    const rooms: Record<string, number> = {};
    for (const [room, members] of namespace?.adapter.rooms ?? []) {
      const name = contract.roomName(room as Audience);
      if (name !== undefined) rooms[name] = members.size;
    }
    return {
      sockets: sockets.length,
      users: new Set(sockets.map((socket) => socket.data.identity.userId)).size,
      rooms,
    };
  }

  private async authenticate(contract: RealtimeContract, socket: RealtimeSocket): Promise<void> {
    socket.data.identity = await contract.authenticate(socket.handshake);
  }

  private welcome(contract: RealtimeContract, socket: RealtimeSocket): void {
    const { identity } = socket.data;
    const { event, payload } = contract.confirmation(identity);
    void socket.join(['all', ...contract.audiences(identity)]);
    socket.emit(event, payload, formatPosition(this.dispatcher.position));

    this.presence.connected(identity.userId, socket.id);
    const expiry = this.endWithToken(socket, identity);
    socket.once('disconnect', () => {
      clearTimeout(expiry);
      this.presence.disconnected(identity.userId, socket.id);
    });
  }

  /** Closes the connection, not the client: it comes back by itself, and is told then that its token has expired. */
  private endWithToken(socket: RealtimeSocket, { expiresAt }: Identity): NodeJS.Timeout | undefined {
    if (expiresAt === undefined) return undefined;
    const left = expiresAt - Date.now();
    if (left > LONGEST_TIMER) return undefined;
    return setTimeout(() => {
      socket.emit('error', new OmsError('token_expired').toBody());
      socket.conn.close();
    }, left).unref();
  }
}

/** What `connect_error` shows: the message, and the code in `data`. */
function refusal(thrown: unknown): Error & { data: { code: string } } {
  const error = thrown instanceof OmsError ? thrown : new OmsError('internal', { cause: thrown });
  return Object.assign(new Error(error.message), { data: { code: error.code } });
}
