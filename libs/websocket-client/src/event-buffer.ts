import { setTimeout as delay } from 'node:timers/promises';
import { isRefusedForGood, type CanonicalEvent, type EventPublisher } from '@lib/events';
import { ExponentialBackoff } from 'cockatiel';

const BATCH = 100;
/** Milliseconds that events wait for company. */
const GATHER_MS = 10;
const BACKOFF = { initialDelay: 100, maxDelay: 5_000 };

/**
 * Events in memory, on their way to the gateway in batches, in their order; for callers without an outbox. It takes
 * `capacity` events; then it is full, and takes no further one until some have left: what it has taken it keeps until
 * the gateway has it or refuses it for good. It ends with the process, and what it holds then is lost.
 */
export class EventBuffer {
  private waiting: CanonicalEvent[] = [];
  private running: Promise<void> | undefined;
  /** Events at the front that go one by one, as one among them was refused. */
  private single = 0;
  private readonly closed = new AbortController();

  constructor(
    private readonly publisher: EventPublisher,
    private readonly capacity: number,
    /** Told of an event that is refused for good, and of the first of several failures. */
    private readonly warn: (message: string) => void,
  ) {}

  get size(): number {
    return this.waiting.length;
  }

  /** False, and nothing kept, where there is no room. */
  add(event: CanonicalEvent): boolean {
    if (this.waiting.length >= this.capacity || this.closed.signal.aborted) return false;
    this.waiting.push(event);
    this.running ??= this.run();
    return true;
  }

  /** True once it is empty; false where that takes longer than `limitMs`. */
  async flush(limitMs: number): Promise<boolean> {
    const limit = new AbortController();
    await Promise.race([this.running, delay(limitMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
    return this.waiting.length === 0;
  }

  /** Stops trying. */
  close(): void {
    this.closed.abort();
  }

  private async run(): Promise<void> {
    await this.pause(GATHER_MS);
    let backoff = new ExponentialBackoff(BACKOFF).next();
    let failures = 0;
    while (this.waiting.length > 0 && !this.closed.signal.aborted) {
      const failure = await this.publishFirst();
      if (failure === undefined) {
        failures = 0;
        backoff = new ExponentialBackoff(BACKOFF).next();
        continue;
      }
      if (failures++ === 0) this.warn(`${this.waiting.length} events wait in memory, trying again: ${failure}`);
      await this.pause(backoff.duration);
      backoff = backoff.next(undefined);
    }
    this.running = undefined;
  }

  /** Why the first batch has to wait; undefined where it is done with. */
  private async publishFirst(): Promise<string | undefined> {
    const batch = this.waiting.slice(0, this.single > 0 ? 1 : BATCH);
    const result = await this.publisher.publish(batch);
    if (!result.ok && !isRefusedForGood(result)) return result.message;
    if (!result.ok && batch.length > 1) {
      this.single = batch.length;
      return undefined;
    }
    if (!result.ok) this.warn(`an event is refused, and given up: ${result.message}`);
    this.waiting = this.waiting.slice(batch.length);
    this.single = Math.max(0, this.single - batch.length);
    return undefined;
  }

  private async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.closed.signal }).catch(() => undefined);
  }
}
