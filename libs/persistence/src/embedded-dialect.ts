import { NodeSqliteDialect } from '@mikro-orm/sql';
import { CompiledQuery, type DatabaseConnection, type Driver } from 'kysely';

/** Milliseconds a statement waits for another process to end its write, such as `npm run migration:run`. */
const BUSY_TIMEOUT_MS = 5_000;

const SETTINGS = [
  // First: the change to WAL below waits for another process, too.
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  'pragma journal_mode = wal',
  // FULL, not NORMAL: an order that was answered with 201 outlives a power cut too.
  'pragma synchronous = full',
  'pragma foreign_keys = on',
];

/**
 * SQLite in this process (`node:sqlite`), one connection.
 *
 * Promises that a transaction holds the write lock from its first moment: what it has read cannot change
 * before it writes. (A deferred `begin` would fail with SQLITE_BUSY half-way, without waiting, where another
 * process wrote in between.) Transactions of this process queue for the one connection; so nothing slow,
 * no network call above all, belongs into one.
 */
export class EmbeddedDialect extends NodeSqliteDialect {
  override createDriver(): Driver {
    const driver: Driver = super.createDriver();
    const init = driver.init.bind(driver);
    driver.init = async (options) => {
      await init(options);
      const connection = await driver.acquireConnection();
      for (const setting of SETTINGS) await connection.executeQuery(CompiledQuery.raw(setting));
    };
    driver.beginTransaction = async (connection: DatabaseConnection) => {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    };
    return driver;
  }
}
