import type { DefaultEventsMap, Socket } from 'socket.io';
import type { Audience } from '@lib/events';
import type { Identity } from './contract.js';
import type { Position } from './journal/position.js';

/** Where a returning client goes on, or why it cannot. */
interface Return {
  /** Absent where the client named no place that a journal can have given it. */
  from: Position | undefined;
  /** What it had subscribed to is not known any more. */
  sessionLost: boolean;
}

export interface SocketData<I extends Identity = Identity> {
  identity: I;
  /** When it asked to be let in, by `performance.now()`. */
  knocked: number;
  /** Absent for a client that comes for the first time. */
  returning?: Return;
  /** What the client has subscribed to, beyond what its identity gives it. */
  held?: readonly Audience[];
  /** Where it stood when its session began; see `Session`. */
  since?: string;
}

/** A socket after the middleware: authenticated. */
export type RealtimeSocket<I extends Identity = Identity> = Socket<
  DefaultEventsMap,
  DefaultEventsMap,
  DefaultEventsMap,
  SocketData<I>
>;

/** The name that Socket.IO gives the client of a connection, and by which a stock client is known when it comes back. */
export function pidOf(socket: RealtimeSocket): string {
  return (socket as unknown as { pid: string }).pid;
}
