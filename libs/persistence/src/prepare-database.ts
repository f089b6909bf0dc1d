import { mkdir } from 'node:fs/promises';
import { SqlMikroORM, type SqlOptions } from '@mikro-orm/sql';
import { ormOptions, type PersistenceOptions } from './orm-options.js';

/**
 * Makes the database ready for the service: folder or database, schema, and every migration that has not run.
 * Returns the names of those that ran now. Safe where several processes start at once: one migrates
 * (on PostgreSQL under an advisory lock, on SQLite under its write lock), the others wait and find nothing to do.
 */
export async function prepareDatabase(options: PersistenceOptions): Promise<string[]> {
  if (options.database) {
    await ensureDatabase(options);
  } else {
    await mkdir(options.dataDir, { recursive: true });
  }
  await using connection = await open(ormOptions(options));
  const { orm } = connection;
  const migrate = async (): Promise<string[]> => {
    // `up()` would take SQLite's write lock even where there is nothing to do.
    if ((await orm.migrator.getPending()).length === 0) return [];
    return (await orm.migrator.up()).map(({ name }) => name);
  };
  // Awaited here, or the connection would be closed under it. A second try, as another process may have made
  // the table of migrations between this one's look for it and its own attempt.
  if (!options.database) return await migrate().catch((error: unknown) => retryIfMade(error, migrate));

  // The lock is held by one connection's transaction while another connection of the pool migrates.
  return await orm.em.fork().transactional(async (em) => {
    await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`oms-migrations:${options.service}`]);
    await orm.em.getConnection().execute(`create schema if not exists "${options.service}"`);
    return migrate();
  });
}

/** Creates the PostgreSQL database where it is missing; another process may do so at the same time. */
async function ensureDatabase(options: PersistenceOptions): Promise<void> {
  const { schema: _, ...common } = ormOptions({ ...options, entities: [], migrations: [] });
  if (await exists(common)) return;
  await using maintenance = await open({ ...common, dbName: 'postgres' });
  try {
    await maintenance.orm.em.getConnection().execute(`create database "${common.dbName}"`);
  } catch (error) {
    if (!CREATED_MEANWHILE.has(codeOf(error))) throw error;
  }
}

async function exists(options: SqlOptions): Promise<boolean> {
  await using target = await open(options);
  try {
    await target.orm.em.getConnection().execute('select 1');
    return true;
  } catch (error) {
    if (codeOf(error) === INVALID_CATALOG_NAME) return false;
    throw error;
  }
}

function retryIfMade<T>(error: unknown, attempt: () => Promise<T>): Promise<T> {
  if (error instanceof Error && error.message.includes('already exists')) return attempt();
  throw error;
}

const INVALID_CATALOG_NAME = '3D000';
/** duplicate_database, and unique_violation in pg_database where both creations overlap. */
const CREATED_MEANWHILE: ReadonlySet<unknown> = new Set(['42P04', '23505']);

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function open(options: SqlOptions): Promise<{ orm: SqlMikroORM } & AsyncDisposable> {
  const orm = await SqlMikroORM.init(options);
  return { orm, [Symbol.asyncDispose]: () => orm.close() };
}
