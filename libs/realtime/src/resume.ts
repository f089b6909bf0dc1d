import { Inject, Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAudience } from '@lib/events';
import { JOURNAL, LIMITS } from './contract.js';
import { Counters } from './counters.js';
import type { Channel } from './delivery/channel.js';
import { Batch } from './delivery/batch.js';
import { Frame } from './delivery/frame.js';
import type { Outbox } from './delivery/outbox.js';
import { RenderedEntry } from './delivery/rendered-entry.js';
import { Dispatcher, resyncFrame, type ResyncReason } from './dispatcher.js';
import type { Journal } from './journal/journal.js';
import { formatPosition, type Position } from './journal/position.js';
import type { RealtimeLimits } from './limits.js';

/** Bytes written to a returning client before it must have taken some of them. */
const CHUNK = 131_072;
/** Events that are looked for at once after the first page. */
const PAGE = 256;
/** Milliseconds between two looks whether it has, and how long it may take. */
const DRAIN_POLL = 10;
const DRAIN_TIMEOUT = 30_000;

/**
 * Brings a socket to the present, without a hole and without a double: replays from the journal up to what
 * memory still holds, then, in one turn of the event loop, hands over the rest and makes the socket live.
 * The confirmation comes last, so that the client's position is never ahead of what it has received.
 */
@Injectable()
export class Resume {
  private readonly logger = new Logger(Resume.name);

  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(LIMITS) private readonly limits: RealtimeLimits,
    private readonly dispatcher: Dispatcher,
    private readonly counters: Counters,
  ) {}

  /** A client that comes for the first time: live from now on. */
  welcome(channel: Channel, outbox: Outbox): void {
    this.goLive(channel, outbox, this.dispatcher.position);
  }

  /** A client that comes back. Closes the connection where the journal cannot be read: it tries again by itself. */
  async replay(channel: Channel, outbox: Outbox, from: Position, sessionLost: boolean): Promise<void> {
    this.counters.resumes++;
    try {
      const reason = await this.catchUp(channel, outbox, from, sessionLost);
      if (reason !== undefined && outbox.open) this.resync(channel, outbox, reason);
    } catch (error) {
      this.logger.warn(`a client could not be replayed to: ${String(error)}`);
      outbox.socket.conn.close();
    }
  }

  /** Tells the client that it must reload, and goes live from here. */
  resync(channel: Channel, outbox: Outbox, reason: ResyncReason): void {
    this.counters.resyncs++;
    this.dispatcher.push(outbox, resyncFrame(channel.contract, reason, this.dispatcher.position));
    this.goLive(channel, outbox, this.dispatcher.position);
  }

  /** Replays until the socket is live; resolves with the reason where it cannot be brought up to date. */
  private async catchUp(
    channel: Channel,
    outbox: Outbox,
    from: Position,
    sessionLost: boolean,
  ): Promise<ResyncReason | undefined> {
    // With a part, the event itself is looked at again, for the deliveries after that part.
    let after: Position = { epoch: from.epoch, seq: from.part === undefined ? from.seq : from.seq - 1 };
    let left = this.limits.maxReplay;
    // How much it is in all is asked once; then it comes in pages, so that many who return at once stay small.
    let limit = left + 1;
    const framesOf = (rendered: RenderedEntry): Frame[] =>
      channel.framesFor(outbox.socket, rendered, rendered.seq === from.seq ? (from.part ?? Infinity) : -1);

    while (outbox.open) {
      // A node that is behind the client: the event looked at again has not come here yet, and would come whole.
      const behind = after.seq < from.seq && this.dispatcher.position.seq < from.seq;
      const recent = behind ? undefined : this.dispatcher.since(after);
      if (recent) {
        const frames = recent.flatMap(framesOf);
        if (frames.length > left) return 'too_large';
        if (sizeOf(frames) > CHUNK) {
          // Too much for one turn: it is sent as the client takes it, and what came meanwhile is looked for again.
          left -= frames.length;
          after = this.dispatcher.position;
          await this.send(outbox, frames);
          continue;
        }
        for (const frame of frames) this.dispatcher.push(outbox, frame);
        if (sessionLost) return 'session';
        // Here and now: after an `await`, even of nothing, an event could have passed this socket by.
        const { position } = this.dispatcher;
        this.goLive(channel, outbox, after.seq > position.seq ? after : position);
        return undefined;
      }
      const audiences = [...(channel.namespace.adapter.sids.get(outbox.socket.id) ?? [])].filter(isAudience);
      const result = await this.journal.read({ after, audiences, limit, bytes: CHUNK });
      if (!result.ok) return result.gap;
      if (result.entries.length + (result.more ?? 0) > left) return 'too_large';
      left -= result.entries.length;
      limit = PAGE;
      await this.send(
        outbox,
        result.entries.flatMap((entry) => framesOf(new RenderedEntry(entry))),
      );
      after = result.upTo;
      // A journal that was rebuilt: the follower of this node has yet to notice.
      if (after.epoch !== this.dispatcher.position.epoch) await sleep(DRAIN_POLL);
    }
    return undefined;
  }

  /** Sends in chunks, each when the client has taken enough of the one before. */
  private async send(outbox: Outbox, frames: readonly Frame[]): Promise<void> {
    let chunk = 0;
    // A tree of its own for each chunk: what was sent may go, whatever else this node has to do.
    let root = Batch.empty();
    for (const [index, frame] of frames.entries()) {
      outbox.push(frame, root);
      this.counters.messagesOut++;
      chunk += frame.packet.length;
      if (chunk < CHUNK && index < frames.length - 1) continue;
      chunk = 0;
      root = Batch.empty();
      outbox.flush();
      const deadline = Date.now() + DRAIN_TIMEOUT;
      while (outbox.open && outbox.buffered > CHUNK) {
        if (Date.now() > deadline) return outbox.endSlow();
        await sleep(DRAIN_POLL);
      }
      if (!outbox.open) return;
    }
  }

  private goLive(channel: Channel, outbox: Outbox, position: Position): void {
    const { namespace, contract } = channel;
    const { event, payload } = contract.confirmation(outbox.socket.data.identity);
    outbox.after = position.seq;
    this.dispatcher.push(outbox, Frame.event(namespace.name, event, payload, formatPosition(position)));
    this.dispatcher.flushSoon();
  }
}

const sizeOf = (frames: readonly Frame[]): number => frames.reduce((sum, { packet }) => sum + packet.length, 0);
