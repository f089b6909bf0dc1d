import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, fingerprint TEXT NOT NULL, event TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS dedup (
    source TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    PRIMARY KEY (source, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS dedup_at ON dedup (at);
  CREATE TABLE IF NOT EXISTS audience_index (
    audience TEXT NOT NULL, last_seq INTEGER NOT NULL, distances BLOB NOT NULL, PRIMARY KEY (audience, last_seq)
  ) WITHOUT ROWID;
`;

/** Of the schema above. A file of an older one has its audience index built anew, from the entries. */
const SCHEMA_VERSION = 2;

function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > SCHEMA_VERSION) throw new Error(`it was written by a newer version (${version})`);
  if (version === SCHEMA_VERSION) return;
  database.exec('DROP TABLE IF EXISTS audience_index');
  database.exec(SCHEMA);
  database.exec("DELETE FROM meta WHERE key = 'indexed_to'");
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/**
 * The file of a SQLite journal: its schema, its statements, its transactions.
 *
 * A row of `audience_index` lists the entries of one stretch of the journal that are addressed to one audience,
 * as their distances from the last of them. It goes when that last entry is trimmed.
 */
export class SqliteStore {
  readonly statements: ReturnType<typeof prepare>;

  private constructor(private readonly database: DatabaseSync) {
    this.statements = prepare(database);
  }

  /** Holds the file's lock until {@link close}: a second process on it fails here. */
  static open(path: string, sync: 'normal' | 'full'): SqliteStore {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path);
    try {
      // Before WAL mode is entered, so that no shared-memory file is needed and the lock is held from now on.
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      database.exec('PRAGMA journal_mode = WAL');
      database.exec(`PRAGMA synchronous = ${sync === 'full' ? 'FULL' : 'NORMAL'}`);
      // Kibibytes, and pages: a page that changes often should be written to the file once, not each time.
      database.exec('PRAGMA cache_size = -32768');
      database.exec('PRAGMA wal_autocheckpoint = 8000');
      migrate(database);
      return new SqliteStore(database);
    } catch (error) {
      database.close();
      if (/locked|busy/i.test(String(error))) {
        throw new Error(`the journal ${path} is in use by another process: end it, or set another DATA_DIR`, {
          cause: error,
        });
      }
      throw new Error(`the journal ${path} cannot be opened: ${String(error)}`, { cause: error });
    }
  }

  transaction<T>(work: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  meta(key: string): string | undefined {
    return (this.statements.getMeta.get(key) as { value: string } | undefined)?.value;
  }

  /** Writes nothing where it is so already: a journal opens on a full disk, too. */
  putMeta(key: string, value: string | number): void {
    if (this.meta(key) !== String(value)) this.statements.putMeta.run(key, String(value));
  }

  close(): void {
    this.database.close();
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    getMeta: sql('SELECT value FROM meta WHERE key = ?'),
    putMeta: sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
    lastSeq: sql('SELECT max(seq) AS seq FROM entries'),
    putEntry: sql('INSERT INTO entries VALUES (?, ?, ?, ?)'),
    getDedup: sql('SELECT seq, at, fingerprint FROM dedup WHERE source = ? AND id = ?'),
    putDedup: sql('INSERT OR REPLACE INTO dedup VALUES (?, ?, ?, ?, ?)'),
    putAudience: sql('INSERT OR REPLACE INTO audience_index VALUES (?, ?, ?)'),
    read: sql('SELECT seq, event FROM entries WHERE seq > ? ORDER BY seq LIMIT ?'),
    readAudience: sql(
      'SELECT last_seq, distances FROM audience_index WHERE audience = ? AND last_seq > ? ORDER BY last_seq',
    ),
    get: sql('SELECT seq, event FROM entries WHERE seq = ?'),
    unindexed: sql('SELECT seq, at, fingerprint, event FROM entries WHERE seq > ? ORDER BY seq'),
    // Walks up from the oldest: its cost is the number of entries to trim.
    oldestSince: sql('SELECT seq FROM entries WHERE at >= ? ORDER BY seq LIMIT 1'),
    trimEntries: sql('DELETE FROM entries WHERE seq <= ?'),
    trimIndex: sql(
      "DELETE FROM audience_index WHERE (audience, last_seq) IN (SELECT a.value, e.seq FROM entries e, json_each(e.event, '$.audiences') a WHERE e.seq > ? AND e.seq <= ?)",
    ),
    trimDedup: sql(
      'DELETE FROM dedup WHERE (source, id) IN (SELECT source, id FROM dedup WHERE at <= ? ORDER BY at LIMIT ?)',
    ),
  };
}
