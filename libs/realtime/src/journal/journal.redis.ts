import { OmsError } from '@lib/events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisLink, values, type RedisOptions } from '../redis/redis-link.js';
import { RedisScript } from '../redis/redis-script.js';
import {
  DEFAULT_DEDUP_WINDOW,
  DEFAULT_RETENTION,
  type AppendResult,
  type GapReason,
  type Journal,
  type JournalEntry,
  type JournalInput,
  type ReadQuery,
  type ReadResult,
  type Retention,
} from './journal.js';
import { RedisAppends, type Standing } from './journal.redis.appends.js';
import { indexName, readEntries, seqId, type RawEntry } from './journal.redis.entries.js';
import { follow } from './journal.redis.follow.js';
import type { Position } from './position.js';

export interface RedisJournalOptions extends RedisOptions {
  /** Milliseconds that `(source, id)` is remembered. Default 24 h. */
  dedupWindow?: number;
  retention?: Retention;
  /** Milliseconds between two rounds of trimming. Default one minute. */
  trimInterval?: number;
}

/** Entries looked at in one call of the trimming script: a few milliseconds of Redis's time. */
const TRIM_BATCH = 200;
/** Milliseconds that a closing waits for appends that were already sent. */
const CLOSE_WAIT = 1_000;
/** A read that fetches by the index, and finds its entries trimmed meanwhile, begins again this often. */
const ATTEMPTS = 3;
const STATE = ['epoch', 'seq', 'trimmed'] as const;

const TRIM = new RedisScript<number>(new URL('journal.redis.trim.lua', import.meta.url));

/**
 * The journal of several nodes, on Redis Streams (Redis 7.0 or later, `maxmemory-policy noeviction`).
 *
 * - It is as durable as that server: with `appendonly yes`, what was acknowledged survives the end of the
 *   server process; with `appendfsync always` also a loss of power.
 * - Where a node sees that the server has lost entries that it had acknowledged, or has come back empty, the
 *   journal begins another epoch.
 * - While the server is away, `append`, `read` and `tail` reject with `unavailable` within 3 seconds or so.
 *   An append whose answer was lost may have been kept; sent again, it is a duplicate.
 * - Not for Redis Cluster, although all keys share a hash tag: scripts build key names themselves.
 */
export class RedisJournal implements Journal {
  private readonly keys: { stream: string; state: string; index: string; dedup: string };
  private readonly link: RedisLink;
  private readonly appends: RedisAppends;
  private readonly retention: Retention;
  private readonly closing = new AbortController();
  private readonly trimTimer: NodeJS.Timeout;

  constructor(private readonly options: RedisJournalOptions) {
    this.link = new RedisLink(options);
    const { prefix } = this.link;
    this.keys = {
      stream: `${prefix}journal`,
      state: `${prefix}journal:state`,
      index: `${prefix}journal:audience:`,
      dedup: `${prefix}journal:event:`,
    };
    this.retention = options.retention ?? DEFAULT_RETENTION;
    this.appends = new RedisAppends(this.link, this.keys, options.dedupWindow ?? DEFAULT_DEDUP_WINDOW);
    const trim = (): void => void this.trim().catch(() => undefined);
    this.trimTimer = setInterval(trim, options.trimInterval ?? 60_000).unref();
  }

  append(inputs: readonly JournalInput[]): Promise<AppendResult> {
    if (this.closing.signal.aborted) return Promise.reject(new OmsError('unavailable'));
    return this.appends.add(inputs);
  }

  async read(query: ReadQuery): Promise<ReadResult> {
    for (let attempt = 1; ; attempt++) {
      const result = query.audiences ? await this.readAudiences(query) : await this.readAll(query);
      if (result) return result;
      // Entries that should be there are not: trimmed between two steps, or, in the end, lost.
      if (attempt === ATTEMPTS) return { ok: false, gap: 'trimmed', tail: await this.tail() };
    }
  }

  async tail(): Promise<Position> {
    const { epoch, seq } = await this.appends.standing();
    return { epoch, seq };
  }

  follow({ after, signal }: { after: Position; signal: AbortSignal }): AsyncGenerator<ReadResult> {
    return follow({
      after,
      signal: AbortSignal.any([signal, this.closing.signal]),
      stream: this.keys.stream,
      options: this.options,
      read: (query) => this.read(query),
      saw: (position) => this.appends.saw(position),
    });
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    clearInterval(this.trimTimer);
    if (this.link.ready) await Promise.race([this.appends.settled(), sleep(CLOSE_WAIT, undefined, { ref: false })]);
    this.link.close();
    await this.appends.settled();
  }

  /** Removes what retention no longer keeps. Runs by itself, on every node; callable for tests and tools. */
  async trim(now?: number): Promise<void> {
    const { stream, state, index } = this.keys;
    const args = [index, now ?? '', this.retention.maxAge, this.retention.maxCount, TRIM_BATCH];
    let more = 1;
    while (more === 1 && !this.closing.signal.aborted) {
      more = await this.link.run((client) => TRIM.run(client, [stream, state], args));
    }
  }

  private async readAll({ after, limit }: ReadQuery): Promise<ReadResult | undefined> {
    const { stream, state } = this.keys;
    const [stood, raw] = await this.link.run(async (client) =>
      values(
        await client
          .multi()
          .hmget(state, ...STATE)
          .xrange(stream, seqId(after.seq + 1), '+', 'COUNT', limit)
          .exec(),
      ),
    );
    const standing = await this.standing(stood);
    const gap = gapBefore(after, standing);
    if (gap) return gapResult(gap, standing);
    const entries = readEntries(raw as RawEntry[], standing.epoch);
    if (standing.seq > after.seq && entries[0]?.position.seq !== after.seq + 1) return undefined;
    return entriesResult(entries, limit, standing);
  }

  /** Each audience gives its first `limit` from the index, so that a long history costs nothing. */
  private async readAudiences({ after, audiences = [], limit }: ReadQuery): Promise<ReadResult | undefined> {
    const names = [...new Set(audiences)].map((audience) => this.keys.index + indexName(audience));
    const [stood, ...found] = await this.link.run(async (client) => {
      const multi = client.multi().hmget(this.keys.state, ...STATE);
      for (const name of names) multi.zrangebyscore(name, `(${after.seq}`, '+inf', 'LIMIT', 0, limit);
      return values(await multi.exec());
    });
    const standing = await this.standing(stood);
    const gap = gapBefore(after, standing);
    if (gap) return gapResult(gap, standing);
    const seqs = [...new Set((found as string[][]).flat().map(Number))].sort((one, other) => one - other);
    const entries = await this.fetch(seqs.slice(0, limit), standing.epoch);
    return entries && entriesResult(entries, limit, standing);
  }

  /** `undefined` where one of them is not there any more. */
  private async fetch(seqs: readonly number[], epoch: string): Promise<JournalEntry[] | undefined> {
    if (seqs.length === 0) return [];
    const found = await this.link.run(async (client) => {
      const pipeline = client.pipeline();
      for (const [first, last] of runs(seqs)) pipeline.xrange(this.keys.stream, seqId(first), seqId(last));
      return values(await pipeline.exec());
    });
    const entries = readEntries((found as RawEntry[][]).flat(), epoch);
    return entries.length === seqs.length ? entries : undefined;
  }

  /** The state as a read found it; asked again by the script where there is none, or entries were lost. */
  private async standing(stood: unknown): Promise<Standing> {
    const [epoch, seq, trimmed] = stood as (string | null)[];
    const standing = { epoch: epoch ?? '', seq: Number(seq), trimmed: Number(trimmed) };
    return epoch && !this.appends.isBehind(standing) ? standing : this.appends.standing();
  }
}

function gapBefore(after: Position, { epoch, seq, trimmed }: Standing): GapReason | undefined {
  // Beyond the tail: the server was put back to an older state, so it is another life in all but name.
  if (after.epoch !== epoch || after.seq > seq) return 'epoch';
  return after.seq < trimmed ? 'trimmed' : undefined;
}

function gapResult(gap: GapReason, { epoch, seq }: Standing): ReadResult {
  return { ok: false, gap, tail: { epoch, seq } };
}

function entriesResult(entries: readonly JournalEntry[], limit: number, { epoch, seq }: Standing): ReadResult {
  const last = entries.length === limit ? entries.at(-1) : undefined;
  return { ok: true, entries, upTo: last?.position ?? { epoch, seq } };
}

/** First and last of each stretch without a hole, so that neighbours are fetched together. */
function runs(seqs: readonly number[]): [first: number, last: number][] {
  const stretches: [number, number][] = [];
  for (const seq of seqs) {
    const stretch = stretches.at(-1);
    if (stretch && stretch[1] === seq - 1) stretch[1] = seq;
    else stretches.push([seq, seq]);
  }
  return stretches;
}
