import { Inject, Injectable, Logger } from '@nestjs/common';
import { narrow } from '@lib/events';
import type { Server } from 'socket.io';
import { CONTRACTS, type RealtimeContract } from './contract.js';
import { Counters } from './counters.js';
import type { GapReason, JournalEntry } from './journal/journal.js';
import { formatPosition, type Position } from './journal/position.js';

/** Renders each journaled event in every contract and sends it to the sockets that hold its audiences. */
@Injectable()
export class Dispatcher {
  private readonly logger = new Logger(Dispatcher.name);
  private io: Server | undefined;
  private reached: Position = { epoch: '', seq: 0 };

  constructor(
    @Inject(CONTRACTS) private readonly contracts: readonly RealtimeContract[],
    private readonly counters: Counters,
  ) {}

  /** The newest event that was handed to this node's sockets. */
  get position(): Position {
    return this.reached;
  }

  attach(io: Server): void {
    this.io = io;
  }

  startAt(position: Position): void {
    this.reached = position;
  }

  deliver(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      for (const contract of this.contracts) this.deliverIn(contract, entry);
      this.reached = entry.position;
    }
  }

  skipTo(tail: Position, gap: GapReason): void {
    this.logger.error(`the journal has a gap (${gap}): going on from its tail`);
    this.reached = tail;
  }

  private deliverIn(contract: RealtimeContract, { event, position }: JournalEntry): void {
    const namespace = this.io?.of(contract.namespace);
    if (!namespace) return;
    contract.render(event).forEach(({ audiences, event: name, payload }, part) => {
      const rooms = narrow(audiences, event.audiences);
      if (rooms.length === 0) return;
      // One broadcast to the union of the rooms: a socket in several of them gets it once.
      namespace.to([...rooms]).emit(name, payload, formatPosition({ ...position, part }));
      this.counters.messagesOut++;
    });
  }
}
