import type { Journal, ReadResult } from '../../../libs/realtime/src/journal/journal.js';
import type { Position } from '../../../libs/realtime/src/journal/position.js';

/** A follower that remembers what it was handed. */
export interface Reader {
  ids: string[];
  seqs: number[];
  gaps: Extract<ReadResult, { ok: false }>[];
  stop(): Promise<void>;
}

export function readerOf(journal: Journal, after: Position): Reader {
  const stop = new AbortController();
  const reader = { ids: [] as string[], seqs: [] as number[], gaps: [] as Reader['gaps'] };
  const running = (async () => {
    for await (const result of journal.follow({ after, signal: stop.signal })) {
      if (!result.ok) reader.gaps.push(result);
      else {
        for (const { event, position } of result.entries) {
          reader.ids.push(event.id);
          reader.seqs.push(position.seq);
        }
      }
    }
  })();
  return {
    ...reader,
    stop: () => {
      stop.abort();
      return running;
    },
  };
}
