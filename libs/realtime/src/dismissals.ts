/** Milliseconds for which one is remembered: longer than it takes to let anyone in. */
const MEMORY = 120_000;

/** Whom this node was lately told to disconnect: somebody may just be on the way in, past the check for revocation. */
export class Dismissals {
  /** By user, the oldest first: when, by `performance.now()`. */
  private readonly times = new Map<string, number>();

  note(userId: string, now = performance.now()): void {
    this.times.delete(userId);
    this.times.set(userId, now);
    for (const [known, time] of this.times) {
      if (now - time < MEMORY) return;
      this.times.delete(known);
    }
  }

  /** Whether the user was dismissed at `time` or later. */
  since(userId: string, time: number): boolean {
    return (this.times.get(userId) ?? -Infinity) >= time;
  }

  get size(): number {
    return this.times.size;
  }
}
