import { OmsError } from '@lib/events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisLink, type RedisOptions } from '../redis/redis-link.js';
import { warnOfUnsafeSettings } from '../redis/redis-settings.js';
import { RedisScript } from '../redis/redis-script.js';
import {
  DEFAULT_DEDUP_WINDOW,
  DEFAULT_RETENTION,
  type AppendResult,
  type GapReason,
  type Journal,
  type JournalInput,
  type ReadQuery,
  type ReadResult,
  type Retention,
} from './journal.js';
import { RedisAppends } from './journal.redis.appends.js';
import { foundEntries, indexName } from './journal.redis.entries.js';
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

type Found = [epoch: string, seq: number, gap: GapReason | '', more: number, ...entries: (number | string)[]];

const READ = new RedisScript<Found>(new URL('journal.redis.read.lua', import.meta.url));
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
    warnOfUnsafeSettings(this.link);
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
    const { after, audiences, limit, bytes = 0 } = query;
    const { stream, state, index } = this.keys;
    const names = [...new Set(audiences)].map((audience) => index + indexName(audience));
    const args = [after.epoch, after.seq, limit, audiences ? 'some' : 'all', bytes];
    const [epoch, seq, gap, more, ...found] = await this.link.run((client) =>
      READ.run(client, [stream, state, ...names], args),
    );
    const tail = { epoch, seq };
    if (epoch === '' || this.appends.isBehind(tail)) {
      const now = await this.tail();
      // The same life after all: a follower, on its own connection, has overtaken this answer.
      return now.epoch === after.epoch ? this.read(query) : { ok: false, gap: 'epoch', tail: now };
    }
    if (gap !== '') return { ok: false, gap, tail };
    const entries = foundEntries(epoch, found);
    const last = more > 0 || entries.length === limit ? entries.at(-1) : undefined;
    return { ok: true, entries, upTo: last?.position ?? tail, ...(more > 0 && { more }) };
  }

  tail(): Promise<Position> {
    return this.appends.tail();
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
}
