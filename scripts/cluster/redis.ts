import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RedisLink } from '@lib/realtime';
import { endingWithParent } from '../servers/program.js';
import { answersPing, redisArguments, redisProgram } from '../servers/redis.js';
import type { Program } from '../start/program.js';
import { StartError } from '../start/run.js';

/** A Redis of this system's own, with its data in `dataDir`. Throws {@link StartError} where there is no such program. */
export function ownRedis(port: number, dataDir: string): Program {
  const folder = resolve(join(dataDir, 'redis'));
  mkdirSync(folder, { recursive: true });
  const program = orExplain(() => redisProgram('set REDIS_URL to one that runs, or '));
  // Its warnings only: it says much at each start.
  const args = [...redisArguments(port, folder), '--loglevel', 'warning'];
  const [command, all] = endingWithParent(program, args, { whenOrphaned: 'TERM' });
  return {
    name: 'redis',
    command,
    args: all,
    env: process.env,
    check: async () => ((await answersPing(port)) ? undefined : `no answer on port ${port}`),
  };
}

/** Throws {@link StartError} where the Redis of `REDIS_URL` does not answer. Says its host, and no password. */
export async function assertRedisAnswers(url: string): Promise<void> {
  const link = new RedisLink({ url });
  try {
    await link.run((client) => client.ping());
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : 'no answer';
    throw new StartError(`REDIS_URL names a Redis that cannot be used. ${reason}`);
  } finally {
    link.close();
  }
}

/** What is missing on this machine is no defect of this program. */
export function orExplain<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}
