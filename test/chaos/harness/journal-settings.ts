import { connect } from 'node:net';
import { join } from 'node:path';
import { SqliteJournal, type JournalEntry } from '@lib/realtime';
import { RedisJournal } from '../../../libs/realtime/src/journal/journal.redis.js';

type Settings = Readonly<Record<string, string>>;
type Retention = NonNullable<ConstructorParameters<typeof RedisJournal>[0]['retention']>;

const A_DAY = 86_400_000;

/** Whether these tests run on the Redis journal: where `REDIS_URL` names a server. */
export const ON_REDIS = Boolean(process.env['REDIS_URL']);

/** The variables of a gateway with an empty journal; those of `settings` that name another Redis win. */
export async function journalSettings(settings: Settings): Promise<Record<string, string>> {
  const url = process.env['REDIS_URL'];
  if (!url || settings['REDIS_URL'] !== undefined) return {};
  await redisCommand(url, 'FLUSHALL');
  return { JOURNAL: 'redis', REDIS_URL: url };
}

/** Sends one inline command; resolves with the first line of its answer. */
export function redisCommand(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done, failed) => {
    const socket = connect(Number(port || 6379), hostname, () => socket.write(`${command}\r\n`));
    socket.once('error', failed);
    socket.once('data', (answer) => {
      socket.destroy();
      done(answer.toString().split('\r\n')[0] ?? '');
    });
  });
}

/** The journal of a gateway that does not run just now. */
function openJournal(settings: Settings, retention: Retention): SqliteJournal | RedisJournal {
  const { REDIS_URL: url, DATA_DIR: folder = '' } = settings;
  if (url) return new RedisJournal({ url, retention });
  return new SqliteJournal({ path: join(folder, 'journal.sqlite'), retention });
}

/** Leaves the newest `maxCount` entries in it. */
export async function trimJournal(settings: Settings, maxCount: number): Promise<void> {
  const journal = openJournal(settings, { maxAge: A_DAY, maxCount });
  await journal.trim();
  await journal.close();
}

/** Everything in it. */
export async function readJournal(settings: Settings): Promise<JournalEntry[]> {
  const journal = openJournal(settings, { maxAge: A_DAY, maxCount: 1_000_000 });
  const { epoch } = await journal.tail();
  const entries: JournalEntry[] = [];
  for (let after = { epoch, seq: 0 }; ;) {
    const result = await journal.read({ after, limit: 1_000 });
    if (!result.ok) throw new Error(`the journal has a gap: ${result.gap}`);
    entries.push(...result.entries);
    if (result.entries.length === 0) break;
    after = result.upTo;
  }
  await journal.close();
  return entries;
}
