import { backoff } from '../redis/backoff.js';
import { RedisLink, type RedisOptions } from '../redis/redis-link.js';
import type { ReadQuery, ReadResult } from './journal.js';
import { seqId, streamEntries, type RawEntry } from './journal.redis.entries.js';
import type { Position } from './position.js';

export interface FollowOptions {
  after: Position;
  /** Aborts when the reader has enough, or the journal closes. */
  signal: AbortSignal;
  stream: string;
  options: RedisOptions;
  read: (query: ReadQuery) => Promise<ReadResult>;
  /** Told of each position that the stream has shown. */
  saw: (position: Position) => void;
}

/** Entries handed over at once: fewer at first, and where they are large, so that a batch stays under some megabytes. */
const BATCH = 512;
const FIRST_BATCH = 64;
const BATCH_SIZE = 4_000_000;
/** Milliseconds that Redis may hold one question for new entries; after such a silence the epoch is checked. */
const BLOCK = 1_000;

/**
 * Waits for entries on a connection of its own, since waiting blocks it. Every batch is proved to go on where
 * the one before ended, by its epoch and its numbers; where it does not, a full `read` finds out why.
 */
export async function* follow({
  after,
  signal,
  stream,
  options,
  read,
  saw,
}: FollowOptions): AsyncGenerator<ReadResult> {
  if (signal.aborted) return;
  const link = new RedisLink(options, BLOCK);
  let position = after;
  let limit = FIRST_BATCH;
  let failures = 0;
  /** False where the journal may have begun another life, or been trimmed, since it was last asked. */
  let proved = false;
  try {
    while (!signal.aborted) {
      let result: ReadResult | undefined;
      try {
        if (proved) {
          const batch = await unlessAborted(signal, wait(link, stream, position, limit));
          result = batch?.result;
          limit = batch?.limit ?? limit;
        } else {
          result = await unlessAborted(signal, read({ after: position, limit }));
        }
        failures = 0;
      } catch {
        proved = false;
        await unlessAborted(signal, link.readyOrAfter(backoff(++failures)));
        continue;
      }
      if (signal.aborted) return;
      proved = result !== undefined;
      if (result === undefined || (result.ok && result.entries.length === 0)) continue;
      position = result.ok ? result.upTo : result.tail;
      saw(position);
      yield result;
    }
  } finally {
    link.close();
  }
}

/** The entries right after `position`, and how many to ask for next time; `undefined` where something else came, or nothing. */
async function wait(
  link: RedisLink,
  stream: string,
  position: Position,
  limit: number,
): Promise<{ result: ReadResult; limit: number } | undefined> {
  const answer = await link.run((client) =>
    client.xread('COUNT', limit, 'BLOCK', BLOCK, 'STREAMS', stream, seqId(position.seq)),
  );
  const raw = answer?.[0]?.[1] as RawEntry[] | undefined;
  if (!raw) return undefined;
  const entries = streamEntries(position.epoch, raw);
  const last = entries.at(-1);
  const goesOn = entries.length === raw.length && last?.position.seq === position.seq + raw.length;
  if (!goesOn || !last) return undefined;
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  const fitting = Math.floor((BATCH_SIZE * entries.length) / size);
  return {
    result: { ok: true, entries, upTo: last.position },
    limit: Math.max(1, Math.min(BATCH, fitting, limit * 2)),
  };
}

/** `undefined` as soon as the signal aborts. Not a race with one long promise, which would remember every round. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    const end = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    work.then(resolve, reject).then(end, end);
    if (signal.aborted) stop();
  });
}
