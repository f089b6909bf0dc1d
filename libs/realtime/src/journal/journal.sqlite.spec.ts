import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { bootId } from './boot-id.js';
import { entries, journalConformance, note, type JournalSite } from './journal.conformance.js';
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

/** A journal with two entries, closed, on which `sql` is then run. */
async function rewritten(sql: string): Promise<Awaited<ReturnType<typeof site>>> {
  const at = await site();
  const journal = new SqliteJournal({ path: at.path });
  await journal.append([note(1, 'a'), note(2, 'b')]);
  await journal.close();
  const database = new DatabaseSync(at.path);
  database.exec(sql);
  database.close();
  return at;
}

const ELSEWHEN = 'a boot before this one';

/** The epochs of a journal before and after an end at which its file said that it was open since `boot`. */
async function epochs(boot: string, sync: 'normal' | 'full'): Promise<[string, string]> {
  const { path, dispose } = await site();
  const before = new SqliteJournal({ path, sync });
  await before.append([note(1, 'a')]);
  const old = await before.tail();
  await before.close();
  const database = new DatabaseSync(path);
  database.prepare("UPDATE meta SET value = ? WHERE key = 'open_since_boot'").run(boot);
  database.close();
  const after = new SqliteJournal({ path, sync });
  const { epoch } = await after.tail();
  const read = await after.read({ after: old, limit: 1 });
  expect(read).toMatchObject(epoch === old.epoch ? { ok: true } : { ok: false, gap: 'epoch' });
  await after.close();
  // Whatever happened then: from here on it is the same life.
  const again = new SqliteJournal({ path, sync });
  expect((await again.tail()).epoch).toBe(epoch);
  await again.close();
  await dispose();
  return [old.epoch, epoch];
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
    const database = new DatabaseSync(path);
    const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
    expect([count('entries'), count('audience_index'), count('dedup')]).toEqual([3, 1, 0]);
    database.close();
    await dispose();
  });

  const longAgo = { maxAge: 1e12, maxCount: 1e9 };
  it.each([
    ['entries', { retention: { ...longAgo, maxCount: 1 } }],
    ['ids', { retention: longAgo, dedupWindow: 1 }],
  ])('lets an append in between while it trims many %s', async (_, options) => {
    const { path, dispose } = await site();
    const journal = new SqliteJournal({ path, ...options });
    await journal.append(Array.from({ length: 3_000 }, (__, index) => note(1, String(index))));
    const order: string[] = [];
    const trimmed = journal.trim(Date.now() + 5_000).then(() => order.push('trimmed'));
    await journal.append([note(1, 'between')]).then(() => order.push('appended'));
    await trimmed;
    expect(order).toEqual(['appended', 'trimmed']);
    await journal.close();
    await dispose();
  });
});

describe('a file that a SqliteJournal of another version wrote', () => {
  it('is opened, and indexed anew, where that was an older one', async () => {
    const { path, dispose } = await rewritten(`
      PRAGMA user_version = 0;
      DROP TABLE audience_index;
      CREATE TABLE audience_index (
        audience TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (audience, seq)
      ) WITHOUT ROWID;
      INSERT INTO audience_index VALUES ('user:1', 1), ('user:2', 2);
    `);
    // The second opening reads what the first has written.
    for (const next of ['c', 'd']) {
      const journal = new SqliteJournal({ path });
      const after = { ...(await journal.tail()), seq: 0 };
      expect(await journal.append([note(1, 'a')])).toMatchObject({ appended: [{ duplicate: true }] });
      await journal.append([note(2, next)]);
      const read = entries(await journal.read({ after, audiences: ['user:2'], limit: 10 }));
      expect(read.map(({ event }) => event.id)).toEqual(next === 'c' ? ['b', 'c'] : ['b', 'c', 'd']);
      await journal.close();
    }
    await dispose();
  });

  it('is left alone where that was a newer one', async () => {
    const { path, dispose } = await rewritten('PRAGMA user_version = 99');
    expect(() => new SqliteJournal({ path })).toThrow(/newer version \(99\)/);
    await dispose();
  });
});

describe('the life of a SqliteJournal', () => {
  it('is another one after a power cut that may have taken its last entries', async () => {
    const [before, after] = await epochs(ELSEWHEN, 'normal');
    expect(after).not.toBe(before);
  });

  it.each([
    ['a proper end', '', 'normal'],
    ['the end of the process alone', bootId(), 'normal'],
    ['a power cut with every commit on the disk', ELSEWHEN, 'full'],
  ] as const)('is the same after %s', async (_, boot, sync) => {
    const [before, after] = await epochs(boot, sync);
    expect(after).toBe(before);
  });

  it('is not marked as under way after a proper end', async () => {
    const { path, dispose } = await site();
    const journal = new SqliteJournal({ path });
    await journal.append([note(1, 'a')]);
    await journal.close();
    const database = new DatabaseSync(path);
    expect(database.prepare("SELECT value FROM meta WHERE key = 'open_since_boot'").get()).toEqual({ value: '' });
    database.close();
    await dispose();
  });
});
