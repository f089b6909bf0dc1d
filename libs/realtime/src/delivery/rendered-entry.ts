import { narrow, type Audience } from '@lib/events';
import { Logger } from '@nestjs/common';
import type { Delivery, RealtimeContract } from '../contract.js';
import type { JournalEntry } from '../journal/journal.js';
import { formatPosition } from '../journal/position.js';
import { Frame } from './frame.js';

/** A delivery with its place in the journal; encoded when the first socket needs it, and then once. */
export class Outgoing {
  private encoded: Frame | undefined;

  constructor(
    readonly audiences: readonly Audience[],
    readonly part: number,
    private readonly encode: () => Frame,
  ) {}

  get frame(): Frame {
    return (this.encoded ??= this.encode());
  }
}

/** A journal entry with its deliveries in every contract that has been asked for. */
export class RenderedEntry {
  private readonly rendered = new Map<RealtimeContract, readonly Outgoing[]>();

  constructor(readonly entry: JournalEntry) {}

  get seq(): number {
    return this.entry.position.seq;
  }

  deliveries(contract: RealtimeContract): readonly Outgoing[] {
    let deliveries = this.rendered.get(contract);
    if (!deliveries) this.rendered.set(contract, (deliveries = render(contract, this.entry)));
    return deliveries;
  }
}

const logger = new Logger('Rendering');
/** Types that could not be rendered: said once each. */
const unknown = new Set<string>();

/**
 * An event that a contract cannot render is no message of it. It may be of a newer node's catalogue, and must not
 * stop this one.
 */
function deliveriesOf(contract: RealtimeContract, event: JournalEntry['event']): readonly Delivery[] {
  try {
    return contract.render(event) ?? [];
  } catch (error) {
    if (!unknown.has(event.type)) logger.error(`${contract.namespace} cannot render ${event.type}: ${String(error)}`);
    unknown.add(event.type);
    return [];
  }
}

function render(contract: RealtimeContract, { event, position }: JournalEntry): Outgoing[] {
  return deliveriesOf(contract, event).map(({ audiences, event: name, payload }, part) => {
    const encode = (): Frame => Frame.event(contract.namespace, name, payload, formatPosition({ ...position, part }));
    return new Outgoing(narrow(audiences, event.audiences), part, encode);
  });
}
