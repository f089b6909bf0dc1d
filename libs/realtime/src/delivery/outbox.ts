import type { RealtimeSocket } from '../socket.js';
import { Batch } from './batch.js';
import type { Frame } from './frame.js';
import { bufferedBytes, cut, write } from './wire.js';

/** What waits to be sent to one socket, and from where in the journal on it is live. */
export class Outbox {
  /** Live deliveries at or before this event are not for this socket. Infinite while it is being replayed to. */
  after = Infinity;
  /** Marks the delivery that was pushed last, so that a socket in several of its rooms gets it once. */
  stamp: object | undefined;
  private batch: Batch | undefined;
  private ended = false;

  constructor(
    readonly socket: RealtimeSocket,
    private readonly maxBufferedBytes: number,
    private readonly onSlow: () => void,
  ) {}

  /** True for the first frame since the last flush. */
  push(frame: Frame, root: Batch): boolean {
    const first = this.batch === undefined;
    this.batch = (this.batch ?? root).with(frame);
    return first;
  }

  flush(): void {
    const { batch } = this;
    this.batch = undefined;
    if (!batch || !this.open) return;
    // What earlier flushes left behind counts, and not this one: a large batch alone makes nobody slow.
    if (this.buffered > this.maxBufferedBytes) this.endSlow();
    else write(this.socket.conn, batch);
  }

  get buffered(): number {
    return bufferedBytes(this.socket.conn);
  }

  get open(): boolean {
    return !this.ended && this.socket.connected;
  }

  /** Cuts a socket that does not keep up. Its client comes back and goes on from its position. */
  endSlow(): void {
    if (this.ended) return;
    this.ended = true;
    this.onSlow();
    cut(this.socket.conn, 'slow consumer');
  }
}
