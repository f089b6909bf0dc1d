import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Audience } from '@lib/events';
import { RedisJournal, SqliteJournal, type JournalEntry, type RedisJournalOptions } from '@lib/realtime';

type Settings = Readonly<Record<string, string>>;
type Retention = NonNullable<RedisJournalOptions['retention']>;

const A_DAY = 86_400_000;

/** Whether these tests run on the Redis journal: where `REDIS_URL` names a server. */
export const ON_REDIS = Boolean(process.env['REDIS_URL']);

/** The variables of a gateway with an empty journal, unless `settings` say which. */
export function journalSettings(settings: Settings): Record<string, string> {
  const url = process.env['REDIS_URL'];
  if (!url || settings['REDIS_URL'] !== undefined) return {};
  return { REDIS_URL: url, REDIS_PREFIX: `chaos-${randomBytes(6).toString('hex')}` };
}

/** The journal of a gateway that does not run just now. */
function openJournal(settings: Settings, retention: Retention): SqliteJournal | RedisJournal {
  const { REDIS_URL: url, REDIS_PREFIX: prefix = 'oms', DATA_DIR: folder = '' } = settings;
  if (url) return new RedisJournal({ url, prefix, retention });
  return new SqliteJournal({ path: join(folder, 'journal.sqlite'), retention });
}

/** Leaves the newest `maxCount` entries in it. */
export async function trimJournal(settings: Settings, maxCount: number): Promise<void> {
  const journal = openJournal(settings, { maxAge: A_DAY, maxCount });
  await journal.trim();
  await journal.close();
}

/** Everything in it, or everything that it finds for an audience. */
export async function readJournal(settings: Settings, audience?: Audience): Promise<JournalEntry[]> {
  const journal = openJournal(settings, { maxAge: A_DAY, maxCount: 1_000_000 });
  const { epoch } = await journal.tail();
  const entries: JournalEntry[] = [];
  for (let after = { epoch, seq: 0 }; ;) {
    const result = await journal.read({ after, limit: 1_000, ...(audience && { audiences: [audience] }) });
    if (!result.ok) throw new Error(`the journal has a gap: ${result.gap}`);
    entries.push(...result.entries);
    if (result.entries.length === 0) break;
    after = result.upTo;
  }
  await journal.close();
  return entries;
}
