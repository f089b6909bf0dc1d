export interface UserPresence {
  online: boolean;
  /** Open sockets of this user. */
  connections: number;
  /** ISO 8601, UTC: when the last socket of an absent user closed, where that is still known. */
  lastSeenAt?: string;
}

/**
 * Who is connected, over all nodes. Ephemeral: it is not journaled, and begins empty. What a node that was
 * killed had said is forgotten within 10 seconds.
 */
export interface Presence {
  connected(userId: string, socketId: string): void;
  disconnected(userId: string, socketId: string): void;
  of(userId: string): Promise<UserPresence>;
  /** Users online, in the order in which they came; `count` is their number over all pages. */
  online(page: { offset: number; limit: number }): Promise<{ count: number; users: string[] }>;
  close(): Promise<void>;
}
