import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { JOURNAL } from './contract.js';
import { Dispatcher } from './dispatcher.js';
import type { Journal } from './journal/journal.js';
import type { Position } from './journal/position.js';

/** Milliseconds that this node may be behind the journal without any progress. */
const STALLED_AFTER = 5_000;
const CHECK_INTERVAL = 1_000;

export type Progress = { ok: true } | { ok: false; reason: string };

/** The loop of this process that reads the journal in order and hands its events to delivery. */
@Injectable()
export class Follower implements OnApplicationBootstrap {
  private readonly logger = new Logger(Follower.name);
  private readonly stop = new AbortController();
  private state: Progress = { ok: false, reason: 'starting' };
  private running: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private checked = { seq: -1, at: 0 };

  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    private readonly dispatcher: Dispatcher,
  ) {}

  /**
   * A node that is up is ready for sockets. It does not wait for a journal that is away: then the node is up all the
   * same, says so in its health, and lets nobody in.
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.begin();
    this.running = this.run();
    this.timer = setInterval(() => void this.check(), CHECK_INTERVAL).unref();
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.running;
    this.dispatcher.stop();
  }

  /** Whether events reach this node's sockets: not so when it stands still behind the journal, or cannot ask it. */
  progress(): Progress {
    return this.state;
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!this.dispatcher.started) {
      await sleep(CHECK_INTERVAL, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.begin();
    }
    while (!signal.aborted) {
      try {
        await this.follow(signal);
        return;
      } catch (error) {
        // Never the end of this loop, let alone of the process: it goes on from what was delivered.
        this.logger.error(error);
        await sleep(CHECK_INTERVAL, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for await (const result of this.journal.follow({ after: this.dispatcher.position, signal })) {
      if (result.ok) this.dispatcher.deliver(result.entries);
      else this.dispatcher.skipTo(result.tail, result.gap);
    }
  }

  /** Takes the tail for the place from which this node goes on, where the journal tells it. */
  private async begin(): Promise<void> {
    try {
      this.dispatcher.startAt(await this.journal.tail());
      this.state = { ok: true };
    } catch {
      this.fail('the journal does not answer');
    }
  }

  private async check(): Promise<void> {
    if (!this.dispatcher.started) return;
    const now = Date.now();
    let tail: Position;
    try {
      tail = await this.journal.tail();
    } catch {
      return this.fail('the journal does not answer');
    }
    const { seq } = this.dispatcher.position;
    if (seq >= tail.seq || seq !== this.checked.seq) {
      this.checked = { seq, at: now };
      if (!this.state.ok) this.logger.log('events reach this node again');
      this.state = { ok: true };
    } else if (now - this.checked.at > STALLED_AFTER) {
      this.fail(`no event has reached this node for more than ${STALLED_AFTER / 1000} s`);
    }
  }

  private fail(reason: string): void {
    if (this.state.ok || this.state.reason !== reason) this.logger.error(reason);
    this.state = { ok: false, reason };
  }
}
