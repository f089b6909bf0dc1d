import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Audience } from '@lib/events';
import type { Server } from 'socket.io';
import { CONTRACTS, LIMITS, type RealtimeContract } from './contract.js';
import { Counters } from './counters.js';
import { Batch } from './delivery/batch.js';
import { Channel } from './delivery/channel.js';
import { FlushWindow } from './delivery/flush-window.js';
import { Frame } from './delivery/frame.js';
import { Outbox } from './delivery/outbox.js';
import { Recent } from './delivery/recent.js';
import { RenderedEntry } from './delivery/rendered-entry.js';
import type { GapReason, JournalEntry } from './journal/journal.js';
import { formatPosition, type Position } from './journal/position.js';
import type { RealtimeLimits } from './limits.js';
import type { RealtimeSocket } from './socket.js';

/** Hands each journaled event, rendered in every contract, to the sockets of this node that hold its audiences. */
@Injectable()
export class Dispatcher {
  private readonly logger = new Logger(Dispatcher.name);
  private readonly window = new FlushWindow(() => this.flush());
  private readonly recent = new Recent();
  private channels: readonly Channel[] = [];
  private waiting: Outbox[] = [];
  private root = Batch.empty();
  private reached: Position = { epoch: '', seq: 0 };

  constructor(
    @Inject(CONTRACTS) private readonly contracts: readonly RealtimeContract[],
    @Inject(LIMITS) private readonly limits: RealtimeLimits,
    private readonly counters: Counters,
  ) {}

  attach(io: Server): readonly Channel[] {
    const push = (outbox: Outbox, frame: Frame): void => this.push(outbox, frame);
    this.channels = this.contracts.map((contract) => new Channel(contract, io.of(contract.namespace), push));
    return this.channels;
  }

  channelOf(contract: RealtimeContract): Channel | undefined {
    return this.channels.find((channel) => channel.contract === contract);
  }

  channelAt(namespace: string): Channel | undefined {
    return this.channels.find(({ contract }) => contract.namespace === namespace);
  }

  get all(): readonly Channel[] {
    return this.channels;
  }

  /** The newest event that was handed to this node's sockets. */
  get position(): Position {
    return this.reached;
  }

  /** Before this, no socket may be let in: there is no position that it could go on from. */
  get started(): boolean {
    return this.reached.epoch !== '';
  }

  /** Every entry after `position` up to {@link position}, where memory reaches back that far. */
  since({ epoch, seq }: Position): readonly RenderedEntry[] | undefined {
    if (epoch !== this.reached.epoch) return undefined;
    return seq >= this.reached.seq ? [] : this.recent.since(seq);
  }

  open(socket: RealtimeSocket): Outbox {
    return new Outbox(socket, this.limits.maxBufferedBytes, () => {
      this.counters.slowDisconnects++;
      this.logger.warn(
        `socket ${socket.id} of user ${socket.data.identity.userId} does not keep up: cut, it may resume`,
      );
    });
  }

  startAt(position: Position): void {
    this.reached = position;
  }

  deliver(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      const rendered = new RenderedEntry(entry);
      this.recent.add(rendered);
      for (const channel of this.channels) channel.deliver(rendered);
      this.reached = entry.position;
    }
    this.flushSoon();
  }

  /** Events are missing that nobody can bring back: every live client is told, and goes on from the tail. */
  skipTo(tail: Position, reason: GapReason): void {
    this.logger.error(`the journal has a gap (${reason}): every client is told to reload`);
    this.recent.clear();
    this.reached = tail;
    for (const channel of this.channels) {
      const frame = resyncFrame(channel.contract, reason, tail);
      for (const outbox of channel.all) {
        if (outbox.after === Infinity) continue;
        outbox.after = tail.seq;
        this.push(outbox, frame);
      }
    }
    this.flushSoon();
  }

  /** A message that is not journaled. It never ends in a string, which a client would take for a position. */
  sendEphemeral(
    {
      namespace,
      audiences,
      event,
      payload,
    }: { namespace: string; audiences: readonly Audience[]; event: string; payload: object },
    exceptSocketId?: string,
  ): void {
    const frame = Frame.event(namespace, event, payload);
    this.channelAt(namespace)?.toHolders(audiences, frame, (outbox) => {
      if (outbox.socket.id !== exceptSocketId) this.push(outbox, frame);
    });
    this.flushSoon();
  }

  /** An answer to one socket, behind what waits for it, with the position of the newest event that it was sent. */
  confirm(socket: RealtimeSocket, event: string, payload: object): void {
    const namespace = socket.nsp.name;
    const outbox = this.channelAt(namespace)?.outboxOf(socket.id);
    if (!outbox) return;
    const { epoch, seq } = this.reached;
    // A socket that is being replayed to is not here yet: it keeps the position of what it was replayed last.
    const position =
      outbox.after === Infinity ? undefined : formatPosition({ epoch, seq: Math.max(seq, outbox.after) });
    this.push(outbox, Frame.event(namespace, event, payload, position));
    this.flushSoon();
  }

  push(outbox: Outbox, frame: Frame): void {
    this.counters.messagesOut++;
    if (outbox.push(frame, this.root)) this.waiting.push(outbox);
  }

  /** Sends what waits: now, or with what comes within the flush window. */
  flushSoon(): void {
    if (this.waiting.length > 0) this.window.request();
  }

  stop(): void {
    this.window.stop();
    this.flush();
  }

  private flush(): void {
    const { waiting } = this;
    this.waiting = [];
    // A fresh tree for the next window: this one, and the bytes in it, may go.
    this.root = Batch.empty();
    for (const outbox of waiting) outbox.flush();
  }
}

/** Tells a client that events are missing for it, and moves it to `position`. It must reload by REST. */
export function resyncFrame(contract: RealtimeContract, reason: ResyncReason, position: Position): Frame {
  return Frame.event(contract.namespace, 'resync_required', { reason }, formatPosition(position));
}

/** `trimmed`, `epoch`: of the journal. `too_large`: more was missed than is replayed. `session`: subscriptions are lost. */
export type ResyncReason = GapReason | 'too_large' | 'session';
