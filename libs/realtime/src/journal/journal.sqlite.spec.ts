import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalConformance, note, type JournalSite } from './journal.conformance.js';
import { SqliteJournal } from './journal.sqlite.js';

async function site(): Promise<JournalSite & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  const path = join(folder, 'nested', 'journal.sqlite');
  return {
    path,
    open: (options) => Promise.resolve(new SqliteJournal({ path, ...options })),
    trim: (journal, now) => (journal as SqliteJournal).trim(now),
    erase: () => rm(join(folder, 'nested'), { recursive: true }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

journalConformance('SqliteJournal', site);

describe('SqliteJournal', () => {
  it('says who is wrong when a second process opens its file', async () => {
    const { path, dispose } = await site();
    const journal = new SqliteJournal({ path });
    expect(() => new SqliteJournal({ path })).toThrow(/in use by another process/);
    await journal.close();
    await dispose();
  });

  it('trims its audience index and its dedup table too', async () => {
    const { path, dispose } = await site();
    const journal = new SqliteJournal({ path, retention: { maxAge: 1e12, maxCount: 3 }, dedupWindow: 1_000 });
    await journal.append(Array.from({ length: 10 }, (_, index) => note(1, String(index))));
    await journal.trim(Date.now() + 5_000);
    await journal.close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path);
    const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
    expect([count('entries'), count('audience_index'), count('dedup')]).toEqual([3, 1, 0]);
    database.close();
    await dispose();
  });
});
