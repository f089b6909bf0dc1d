import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from './contract.js';
import { Dispatcher } from './dispatcher.js';
import type { RealtimeLimits } from './limits.js';

/** Milliseconds between two batches of connections that are closed. */
const PACE = 50;

/** Milliseconds that the last connections get to take what was sent to them, the closing included. */
const PARTING = 1_000;

/** The end of a node: no new connections, no new events, then its sockets leave in paced batches. */
@Injectable()
export class Drain {
  private started = false;

  constructor(
    @Inject(LIMITS) private readonly limits: RealtimeLimits,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** From here on the node must not be given anything new. */
  get draining(): boolean {
    return this.started;
  }

  begin(): void {
    this.started = true;
  }

  /** Closes every connection, spread over the drain time, so that its clients do not reach the next node all at once. */
  async closeSockets(): Promise<void> {
    const sockets = this.dispatcher.all.flatMap((channel) => [...channel.all].map(({ socket }) => socket));
    const connections = [...new Set(sockets.map(({ conn }) => conn))];
    const size = Math.max(50, Math.ceil(connections.length / Math.max(1, this.limits.drainTime / PACE)));
    for (let start = 0; start < connections.length; start += size) {
      if (start > 0) await sleep(PACE);
      for (const connection of connections.slice(start, start + size)) connection.close();
    }
    const deadline = Date.now() + PARTING;
    // A client that polls is told at its next request.
    while (connections.some(({ readyState }) => readyState !== 'closed') && Date.now() < deadline) await sleep(PACE);
  }
}
