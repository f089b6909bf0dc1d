import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { SqlMikroORM } from '@mikro-orm/sql';
import { databaseEnv, databaseOf } from '@lib/persistence';
import { z } from 'zod';
import { atEnd } from './teardown.js';

/** The environment of one test file's services: their own secret, data folder and, on PostgreSQL, database. */
export type TestEnvironment = Readonly<Record<string, string>> & { readonly JWT_SECRET: string };

/**
 * SQLite in a folder of its own; or PostgreSQL, in a database of its own, where this run's environment names a
 * server by `DATABASE_HOST`. Both are removed in the end.
 */
export async function testEnvironment(): Promise<TestEnvironment> {
  const dataDir = await mkdtemp(join(tmpdir(), 'oms-e2e-'));
  atEnd(() => rm(dataDir, { recursive: true, force: true }));
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'fatal',
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    JWT_SECRET: randomBytes(24).toString('hex'),
    ...ownDatabase(process.env),
  };
}

function ownDatabase(env: NodeJS.ProcessEnv): Record<string, string> {
  if (!env['DATABASE_HOST']) return {};
  const name = `oms_e2e_${randomBytes(6).toString('hex')}`;
  const server = databaseOf(z.object(databaseEnv).parse({ ...env, DATABASE_NAME: name }));
  if (!server) return {};
  atEnd(async () => {
    const { host, port, user, password } = server;
    const options = { driver: PostgreSqlDriver, host, port, user, password, dbName: 'postgres' };
    await using orm = await SqlMikroORM.init({ ...options, entities: [], discovery: { warnWhenNoEntities: false } });
    await orm.em.getConnection().execute(`drop database if exists "${name}" with (force)`);
  });
  return {
    DATABASE_HOST: server.host,
    DATABASE_PORT: String(server.port),
    DATABASE_USER: server.user,
    DATABASE_PASSWORD: server.password,
    DATABASE_NAME: name,
  };
}
