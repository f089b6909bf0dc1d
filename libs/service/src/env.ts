import { existsSync } from 'node:fs';
import { z } from 'zod';

/** Used where `JWT_SECRET` is not set, outside production only. */
export const DEVELOPMENT_JWT_SECRET = 'development-only-secret-do-not-deploy';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** A TCP port. `0` asks the system for a free one. */
export const port = (fallback: number): z.ZodType<number> =>
  z.coerce
    .number('must be a port number, 0 to 65535')
    .int('must be a whole number')
    .min(0, 'must be 0 or more')
    .max(65_535, 'must be at most 65535')
    .default(fallback);

/** `true`, `1`, `yes`, `on` or their opposites. */
export const flag = (fallback: boolean): z.ZodType<boolean> => z.stringbool('must be true or false').default(fallback);

/** A comma-separated list; spaces around the items do not count. */
export const list = (fallback: string): z.ZodType<string[]> =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    );

/** What every process reads, whatever it serves. */
export const baseEnv = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('log'),
  /** Address to listen on. */
  HOST: z.string().default('127.0.0.1'),
  /** Folder of the embedded databases. */
  DATA_DIR: z.string().default('data'),
  JWT_SECRET: z.string().default(DEVELOPMENT_JWT_SECRET),
  JWT_EXPIRES_IN: z
    .string()
    .regex(/^\d+(s|m|h|d)$/, 'must be a span such as 24h, 15m or 3600s')
    .default('24h')
    .transform((span) => span as `${number}${'s' | 'm' | 'h' | 'd'}`),
});
export type BaseEnv = z.infer<typeof baseEnv>;

/** Thrown by {@link readEnv}. Names each variable and what it should be; never holds a value. */
export class EnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'EnvironmentError';
  }
}

/**
 * Parses the environment by `schema`, which extends {@link baseEnv}. An empty variable counts as unset.
 * Throws {@link EnvironmentError}. In production a missing, default or short `JWT_SECRET` is an error.
 */
export function readEnv<T extends z.ZodType<BaseEnv>>(schema: T, source: NodeJS.ProcessEnv): z.infer<T> {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    throw new EnvironmentError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const { NODE_ENV, JWT_SECRET } = parsed.data;
  if (NODE_ENV === 'production' && (JWT_SECRET === DEVELOPMENT_JWT_SECRET || JWT_SECRET.length < 32)) {
    throw new EnvironmentError(['JWT_SECRET: must be set to a secret of at least 32 characters in production']);
  }
  return parsed.data;
}

/** Reads `.env` (where there is one) and the environment; ends the process with the reason where they are wrong. */
export function readEnvOrExit<T extends z.ZodType<BaseEnv>>(schema: T): z.infer<T> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    return readEnv(schema, process.env);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return exitMisconfigured(error);
  }
}

/** Ends the process with what is wrong with its environment. */
export function exitMisconfigured(error: EnvironmentError): never {
  process.stderr.write(`${error.message}\n`);
  process.exit(78); // EX_CONFIG of sysexits.h
}
