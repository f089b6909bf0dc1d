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
  /**
   * Reaches this node's own listeners at once. Resolves with true when the message is on its way to every node that
   * is connected; with false, and a log line, where the bus is away and it was dropped. Never rejects.
   */
  publish(message: BusMessage): Promise<boolean>;
  subscribe(listener: (message: BusMessage) => void): void;
  /** Called when this node hears the others again, after a time in which their messages were lost to it. */
  onRejoined(listener: () => void): void;
  close(): Promise<void>;
}
