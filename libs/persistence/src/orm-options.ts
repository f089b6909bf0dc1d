import { join } from 'node:path';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator, type Migration } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { SqliteDriver, type Configuration, type AbstractSqlDriver, type SqlOptions } from '@mikro-orm/sql';
import { EmbeddedDialect } from './embedded-dialect.js';
import type { DatabaseSettings } from './settings.js';

export type MigrationClass = new (driver: AbstractSqlDriver, config: Configuration) => Migration;

export interface PersistenceOptions {
  /** Names the SQLite file and the PostgreSQL schema: lower-case letters, digits and `_`. */
  service: string;
  /** Folder of the embedded database; made where it is missing. Not read with `database`. */
  dataDir: string;
  /** PostgreSQL. Left out: the embedded SQLite. */
  database?: DatabaseSettings | undefined;
  entities: NonNullable<SqlOptions['entities']>;
  /** In the order in which they run. Never rename one that was released: its class name is its identity. */
  migrations: readonly MigrationClass[];
}

/** Milliseconds to wait for a PostgreSQL connection, before the caller is told that it is away. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The file of the embedded database. */
export function embeddedFile(options: Pick<PersistenceOptions, 'service' | 'dataDir'>): string {
  return join(options.dataDir, `${options.service}.sqlite`);
}

/** MikroORM's configuration for either database. It neither connects nor migrates. */
export function ormOptions(options: PersistenceOptions): SqlOptions & { driver: NonNullable<SqlOptions['driver']> } {
  if (!/^[a-z][a-z0-9_]*$/.test(options.service)) throw new TypeError('The service name cannot name a schema');
  const shared = {
    entities: options.entities,
    metadataProvider: ReflectMetadataProvider,
    extensions: [Migrator],
    migrations: { migrationsList: [...options.migrations], snapshot: false, silent: true },
    // prepareDatabase does it, safely where several start at once.
    ensureDatabase: false,
    discovery: { warnWhenNoEntities: false },
    debug: false,
  } satisfies SqlOptions;
  const { database } = options;
  if (!database) {
    const file = embeddedFile(options);
    return { ...shared, driver: SqliteDriver, dbName: file, driverOptions: () => new EmbeddedDialect(file) };
  }
  return {
    ...shared,
    driver: PostgreSqlDriver,
    host: database.host,
    port: database.port,
    user: database.user,
    password: database.password,
    dbName: database.name,
    schema: options.service,
    driverOptions: {
      // Names without a schema, as in a migration that SQLite runs too, mean this service's schema.
      options: `-c search_path=${options.service}`,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    },
  };
}
