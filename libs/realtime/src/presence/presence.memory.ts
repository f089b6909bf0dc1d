import type { Presence, UserPresence } from './presence.js';

/** Absent users whose last sight is remembered. */
const REMEMBERED = 100_000;

/** Presence on one node, in its memory. */
export class MemoryPresence implements Presence {
  private readonly sockets = new Map<string, Set<string>>();
  private readonly lastSeen = new Map<string, number>();

  connected(userId: string, socketId: string): void {
    const sockets = this.sockets.get(userId) ?? new Set();
    this.sockets.set(userId, sockets.add(socketId));
    this.lastSeen.delete(userId);
  }

  disconnected(userId: string, socketId: string): void {
    const sockets = this.sockets.get(userId);
    if (!sockets?.delete(socketId) || sockets.size > 0) return;
    this.sockets.delete(userId);
    this.lastSeen.set(userId, Date.now());
    // A Map iterates in the order of insertion: the first key is who has been away longest.
    const oldest = this.lastSeen.keys().next();
    if (this.lastSeen.size > REMEMBERED && !oldest.done) this.lastSeen.delete(oldest.value);
  }

  of(userId: string): Promise<UserPresence> {
    const connections = this.sockets.get(userId)?.size ?? 0;
    const lastSeen = this.lastSeen.get(userId);
    return Promise.resolve({
      online: connections > 0,
      connections,
      ...(lastSeen !== undefined && { lastSeenAt: new Date(lastSeen).toISOString() }),
    });
  }

  online({ offset, limit }: { offset: number; limit: number }): Promise<{ count: number; users: string[] }> {
    return Promise.resolve({
      count: this.sockets.size,
      users: [...this.sockets.keys()].slice(offset, offset + limit),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
