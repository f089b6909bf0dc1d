import { parsePosition } from '@lib/realtime';
import { isOrder, messagesOf, type Numbered } from './numbered.js';

export interface Entry extends Numbered {
  /** Its place in the journal. */
  seq: number;
}

/** What was acknowledged: and so what every client must have got, once and in this order. */
export class Ledger {
  private readonly entries: Entry[] = [];
  private sorted = true;

  /** `position` as the answer to the request named it. */
  acknowledged(numbered: Numbered, position: string): void {
    const place = parsePosition(position);
    if (!place) throw new Error(`not a position: ${position}`);
    this.entries.push({ ...numbered, seq: place.seq });
    this.sorted = false;
  }

  get size(): number {
    return this.entries.length;
  }

  /** In the order of the journal. */
  all(): readonly Entry[] {
    if (!this.sorted) this.entries.sort((one, other) => one.seq - other.seq);
    this.sorted = true;
    return this.entries;
  }

  of(userId: number): string[] {
    return this.all()
      .filter((entry) => entry.userId === userId)
      .flatMap((entry) => messagesOf(entry, false));
  }

  orders(): string[] {
    return this.all()
      .filter(isOrder)
      .flatMap((entry) => messagesOf(entry, true));
  }

  /** Problems of the journal itself: a number that it has not, or in another order than it was given. */
  problems(): string[] {
    const next = new Map<number, number>();
    return this.all().flatMap(({ userId, n, seq }) => {
      const wanted = next.get(userId) ?? 0;
      next.set(userId, n + 1);
      return n === wanted ? [] : [`the journal has ${userId}#${n} at ${seq}, where ${userId}#${wanted} was due`];
    });
  }
}

/** How what came differs from what was to come; empty where it does not. */
export function differences(who: string, came: readonly string[], wanted: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const message of came) count.set(message, (count.get(message) ?? 0) + 1);
  const missing = wanted.filter((message) => !count.has(message));
  const twice = [...count].filter(([, times]) => times > 1).map(([message]) => message);
  const known = new Set(wanted);
  const strange = [...count.keys()].filter((message) => !known.has(message));
  const found = [...some('missing', missing), ...some('twice', twice), ...some('never acknowledged', strange)];
  const swapped = came.findIndex((message, index) => message !== wanted[index]);
  if (found.length === 0 && swapped >= 0) found.push(`out of order from ${came[swapped]} on`);
  return found.map((problem) => `${who}: ${problem}`);
}

function some(what: string, messages: readonly string[]): string[] {
  return messages.length === 0 ? [] : [`${messages.length} ${what}, such as ${messages.slice(0, 3).join(', ')}`];
}
