import type { RedisLink } from '../redis/redis-link.js';
import { RedisScript } from '../redis/redis-script.js';
import type { AppendResult, JournalInput } from './journal.js';
import { indexName } from './journal.redis.entries.js';
import { newEpoch, type Position } from './position.js';

type Answer = [epoch: string, seq: number, ...results: [ok: 0 | 1, ...numbers: number[]][]];

interface Waiting {
  /** What the script takes for this append. */
  args: (string | number)[];
  events: number;
  bytes: number;
  resolve: (result: AppendResult) => void;
  reject: (error: unknown) => void;
}

/** What one call of the script takes at most, so that it never holds up others for long; a single append always goes whole. */
const GROUP_EVENTS = 1_000;
const GROUP_BYTES = 1_000_000;

const APPEND = new RedisScript<Answer>(new URL('journal.redis.append.lua', import.meta.url));

/**
 * Appends in groups: those of one turn of the event loop, and those that came while the group before was on
 * its way, go in one call. One call at a time, so that appends are kept in the order in which they came.
 */
export class RedisAppends {
  private waiting: Waiting[] = [];
  private sending: Promise<void> | undefined;
  /** The furthest place that Redis has ever shown this process: where it stands before that, entries were lost. */
  private known: Position = { epoch: '', seq: 0 };

  constructor(
    private readonly link: RedisLink,
    private readonly keys: { stream: string; state: string; index: string; dedup: string },
    private readonly dedupWindow: number,
  ) {}

  add(inputs: readonly JournalInput[]): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      const args: (string | number)[] = [inputs.length];
      let bytes = 0;
      for (const { event, fingerprint } of inputs) {
        const json = JSON.stringify(event);
        const audiences = JSON.stringify([...new Set(event.audiences)].map(indexName));
        args.push(JSON.stringify([event.source, event.id]), fingerprint, json, audiences);
        bytes += json.length;
      }
      this.waiting.push({ args, events: inputs.length, bytes, resolve, reject });
      this.sending ??= this.send();
    });
  }

  /** Where the journal stands. One that is not there yet, or has lost entries, begins its life by this. */
  async tail(): Promise<Position> {
    const [epoch, seq] = await this.call([]);
    return { epoch, seq };
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.sending) await this.sending;
  }

  saw({ epoch, seq }: Position): void {
    this.known = { epoch, seq: this.known.epoch === epoch ? Math.max(seq, this.known.seq) : seq };
  }

  /** Whether the journal, where it stands there, has lost entries. */
  isBehind({ epoch, seq }: Position): boolean {
    return epoch === this.known.epoch && seq < this.known.seq;
  }

  private async send(): Promise<void> {
    // What else comes in this turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const group = this.nextGroup();
      try {
        const [epoch, , ...results] = await this.call(group);
        group.forEach(({ resolve }, index) => resolve(appendResult(epoch, results[index] ?? [0])));
      } catch (error) {
        // Whoever waits behind has waited long enough, and would fare no better.
        for (const { reject } of [...group, ...this.waiting.splice(0)]) reject(error);
      }
    }
    this.sending = undefined;
  }

  private nextGroup(): Waiting[] {
    let [count, events, bytes] = [0, 0, 0];
    for (const append of this.waiting) {
      events += append.events;
      bytes += append.bytes;
      if (count > 0 && (events > GROUP_EVENTS || bytes > GROUP_BYTES)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async call(group: readonly Waiting[]): Promise<Answer> {
    const { stream, state, index, dedup } = this.keys;
    const answer = await this.link.run((client) => {
      const head = [index, dedup, this.dedupWindow, newEpoch(), this.known.epoch, this.known.seq, group.length];
      return APPEND.run(
        client,
        [stream, state],
        group.reduce<(string | number)[]>((args, append) => args.concat(append.args), head),
      );
    });
    const [epoch, seq] = answer;
    this.saw({ epoch, seq });
    return answer;
  }
}

function appendResult(epoch: string, [ok, ...numbers]: readonly number[]): AppendResult {
  if (ok === 0) return { ok: false, conflicts: numbers };
  const appended = numbers.map((number) => ({
    position: { epoch, seq: Math.abs(number) },
    duplicate: number < 0,
  }));
  return { ok: true, appended };
}
