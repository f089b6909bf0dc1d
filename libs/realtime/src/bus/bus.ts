import type { Audience } from '@lib/events';

/** What goes to every node at once and is kept nowhere. */
export type BusMessage =
  /** Close this user's sockets; they may come back if their token still lets them. */
  | { kind: 'disconnect'; userId: string }
  /** A message that is not journaled, such as typing: to the holders of the audiences, except one socket. */
  | {
      kind: 'ephemeral';
      namespace: string;
      audiences: readonly Audience[];
      event: string;
      payload: object;
      exceptSocketId?: string;
    };

/** The ephemeral bus between nodes: at most once, in order per sender, and never replayed. */
export interface Bus {
  /** Reaches every node's listeners, this node's own included. Drops the message, with a log line, when the bus is away. */
  publish(message: BusMessage): void;
  subscribe(listener: (message: BusMessage) => void): void;
  close(): Promise<void>;
}
