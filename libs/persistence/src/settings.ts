import { port } from '@lib/service';
import { z } from 'zod';

/**
 * The variables that choose the database, to be spread into an app's schema: `baseEnv.extend({ ...databaseEnv })`.
 * Without `DATABASE_HOST` the data lies in `DATA_DIR/<service>.sqlite`, and the others are not read.
 */
export const databaseEnv = {
  /** Set: PostgreSQL on this host. */
  DATABASE_HOST: z.string().optional(),
  DATABASE_PORT: port(5432),
  DATABASE_USER: z.string().default('postgres'),
  DATABASE_PASSWORD: z.string().default(''),
  /** Created where it does not exist, if the user may. Each service has its own schema in it. */
  DATABASE_NAME: z
    .string()
    .regex(/^[\w-]{1,63}$/, 'must be 1 to 63 letters, digits, _ or -')
    .default('oms'),
};

/** A PostgreSQL server and the database in it. */
export interface DatabaseSettings {
  host: string;
  port: number;
  user: string;
  password: string;
  name: string;
}

export type DatabaseEnv = z.infer<z.ZodObject<typeof databaseEnv>>;

/** The PostgreSQL database the environment names, or `undefined` for the embedded one. */
export function databaseOf(env: DatabaseEnv): DatabaseSettings | undefined {
  if (env.DATABASE_HOST === undefined) return undefined;
  return {
    host: env.DATABASE_HOST,
    port: env.DATABASE_PORT,
    user: env.DATABASE_USER,
    password: env.DATABASE_PASSWORD,
    name: env.DATABASE_NAME,
  };
}
