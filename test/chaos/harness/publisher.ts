import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../../e2e/services/helpers/http.js';
import type { Tokens } from '../../e2e/services/helpers/tokens.js';
import { atEnd } from '../../e2e/services/helpers/teardown.js';
import { Ledger } from './ledger.js';
import { eventOf, labelOf, type Numbered } from './numbered.js';

const TICK = 5;
const ATTEMPT_LIMIT = 5_000;
/** Between a refusal and the next attempt. */
const BACKOFF = 100;

/** Answers of a gateway that ask for a repetition; any other than 202 is a fault. */
const AGAIN: readonly number[] = [503];

/**
 * A service that loses nothing itself: each event is posted to the real API until it is acknowledged, always under
 * the same id. One stream a user, its events one after another; the streams run side by side.
 */
export class Publisher {
  readonly ledger = new Ledger();
  /** Answers by status, and failed attempts as `none`. */
  readonly answers: Record<string, number> = {};
  readonly faults: string[] = [];
  /** Events that had been kept by an attempt whose answer was lost. */
  duplicates = 0;
  private ended = false;
  private readonly streams: { userId: number; next: number; due: number; working: Promise<void> | undefined }[];

  /** @param url is asked before each attempt, so that it may be another node's. */
  constructor(
    private readonly url: () => string,
    private readonly tokens: Tokens,
    userIds: readonly number[],
    /** More answers that ask for a repetition: those of a balancer. */
    private readonly againToo: readonly number[] = [],
  ) {
    // A test that failed has nobody left to publish for.
    atEnd(async () => void (this.ended = true));
    this.streams = userIds.map((userId) => ({ userId, next: 0, due: 0, working: undefined }));
  }

  /**
   * Offers `rate` events a second, round the streams, while `going`; resolves when all of them are acknowledged.
   * What could not be posted in time is posted later: nothing is left out.
   */
  async run(rate: number, going: () => boolean): Promise<void> {
    const began = performance.now();
    let offered = 0;
    while (going() && !this.ended) {
      for (; offered < ((performance.now() - began) / 1_000) * rate; offered++) this.offer(offered);
      await sleep(TICK);
    }
    await this.settled();
  }

  /** Posts `count` events round the streams as fast as they are taken. */
  async post(count: number): Promise<void> {
    for (let index = 0; index < count; index++) this.offer(index);
    await this.settled();
  }

  summary(): string {
    return `${this.ledger.size} acknowledged, ${this.duplicates} of them repeated; answers: ${JSON.stringify(this.answers)}`;
  }

  private async settled(): Promise<void> {
    await Promise.all(this.streams.map(({ working }) => working ?? Promise.resolve()));
  }

  private offer(index: number): void {
    const stream = this.streams[index % this.streams.length];
    if (!stream) return;
    stream.due++;
    stream.working ??= (async () => {
      for (; stream.due > 0; stream.due--) await this.publish({ userId: stream.userId, n: stream.next++ });
      stream.working = undefined;
    })();
  }

  private async publish(numbered: Numbered): Promise<void> {
    const id = labelOf(numbered);
    // Both ways to make a repetition safe: an id of its own, and a key in the header.
    const named = numbered.n % 3 === 0;
    const event = eventOf(numbered);
    const options = {
      body: named ? { ...event, id } : event,
      headers: named ? {} : { 'idempotency-key': id },
    };
    while (!this.ended) {
      const position = await this.attempt(options);
      if (position !== undefined) return this.ledger.acknowledged(numbered, position);
      if (this.faults.length > 0) return;
      await sleep(BACKOFF);
    }
  }

  private async attempt(options: { body: object; headers: Record<string, string> }): Promise<string | undefined> {
    const token = this.tokens.of('service', 'publisher');
    const answer = await Promise.race([
      call<{ position: string; duplicate: boolean }>('POST', `${this.url()}/events`, { token, ...options }).catch(
        () => undefined,
      ),
      sleep(ATTEMPT_LIMIT, undefined, { ref: false }),
    ]);
    const status = answer?.status ?? 'none';
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (answer?.status === 202) {
      if (answer.body.duplicate) this.duplicates++;
      return answer.body.position;
    }
    if (answer && ![...AGAIN, ...this.againToo].includes(answer.status))
      this.faults.push(`${answer.status}: ${JSON.stringify(answer.body)}`);
    return undefined;
  }
}
