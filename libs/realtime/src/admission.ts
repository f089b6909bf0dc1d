import { Inject, Injectable, Logger } from '@nestjs/common';
import { ERRORS, OmsError } from '@lib/events';
import type { Identity, RealtimeContract } from './contract.js';
import { Dispatcher } from './dispatcher.js';
import { parsePosition } from './journal/position.js';
import { SHARED_STATE, type SharedState } from './shared-state.js';
import type { RealtimeSocket } from './socket.js';

/** Decides who comes in, and learns where a returning client was: the middleware of every contract's namespace. */
@Injectable()
export class Admission {
  private readonly logger = new Logger(Admission.name);

  constructor(
    @Inject(SHARED_STATE) private readonly state: SharedState,
    private readonly dispatcher: Dispatcher,
  ) {}

  async admit(contract: RealtimeContract, socket: RealtimeSocket, next: (error?: Error) => void): Promise<void> {
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
      // A stock client gives up when it is refused, and comes back by itself when the connection breaks.
      if (ERRORS[error.code].retryable) {
        this.logger.error(thrown);
        socket.conn.close();
      }
      // Also on a closed connection, for Socket.IO to forget the socket; nothing is sent then.
      next(Object.assign(new Error(error.message), { data: { code: error.code } }));
    }
  }

  /**
   * A stock client that comes back names its `pid` and, as `offset`, the last string that it was sent: the
   * position. What it had subscribed to is found by the pid, if that is this user's and reaches back that far.
   */
  private async findReturn(socket: RealtimeSocket, { userId }: Identity): Promise<void> {
    const { pid, offset } = socket.handshake.auth as { pid?: unknown; offset?: unknown };
    if (typeof pid !== 'string' || typeof offset !== 'string') return;
    const from = parsePosition(offset);
    const session = pid.length <= 64 ? await this.state.sessions.find(pid) : undefined;
    const since = parsePosition(session?.since);
    const reaches = since === undefined || from?.epoch !== since.epoch || from.seq >= since.seq;
    const own = session?.userId === userId && reaches ? session : undefined;
    socket.data.returning = { from, sessionLost: own === undefined };
    if (!own) return;
    // The client recognizes its pid, and says so to its application: `socket.recovered`.
    Object.assign(socket, { pid });
    socket.data.held = own.audiences;
    socket.data.since = own.since;
  }
}
