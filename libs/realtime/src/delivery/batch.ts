import type { Frame } from './frame.js';

/**
 * What waits for a socket within one flush window. Sockets that wait for the same frames share one batch:
 * batches form a tree, each one step longer than its parent, so that adding a frame to a thousand members
 * of a room is a thousand pointer moves, and their bytes are concatenated once.
 */
export class Batch {
  private readonly children = new Map<Frame, Batch>();
  // The members of a room come one after another: the last step taken is nearly always the next one.
  private lastFrame: Frame | undefined;
  private lastChild: Batch | undefined;
  private joined: Buffer | undefined;

  private constructor(
    private readonly parent: Batch | undefined,
    private readonly frame: Frame | undefined,
  ) {}

  static empty(): Batch {
    return new Batch(undefined, undefined);
  }

  with(frame: Frame): Batch {
    if (this.lastFrame === frame && this.lastChild) return this.lastChild;
    let child = this.children.get(frame);
    if (!child) this.children.set(frame, (child = new Batch(this, frame)));
    this.lastFrame = frame;
    this.lastChild = child;
    return child;
  }

  /** The newest frame, and what went before it. */
  get step(): { frame: Frame; parent: Batch } | undefined {
    return this.frame && this.parent && { frame: this.frame, parent: this.parent };
  }

  /** The frames in the order in which they were added. */
  get frames(): readonly Frame[] {
    return collect(this).toReversed();
  }

  /** All frames as one piece for a WebSocket. */
  get bytes(): Buffer {
    if (this.joined) return this.joined;
    const { frames } = this;
    const [first] = frames;
    this.joined = first && frames.length === 1 ? first.bytes : Buffer.concat(frames.map((frame) => frame.bytes));
    return this.joined;
  }
}

function collect(batch: Batch): Frame[] {
  const frames: Frame[] = [];
  for (let step = batch.step; step; step = step.parent.step) frames.push(step.frame);
  return frames;
}
