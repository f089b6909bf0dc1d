import { answersPing, REDIS_SETTINGS, redisArguments, redisProgram } from '../../scripts/servers/redis.js';
import { Container, containerEngine, OR_DOCKER } from './container.js';
import { LocalProcess, temporaryFolder } from './local-process.js';
import { serve, type Server } from './server.js';
import { freePort, until } from './until.js';

const IMAGE = 'redis:7-alpine';

/** Redis with an append-only file, and the variable `REDIS_URL`. */
export async function startRedis(): Promise<Server> {
  const port = await freePort();
  const engine = containerEngine();
  const local = engine ? undefined : await localRedis(port);
  const args = ['redis-server', ...REDIS_SETTINGS];
  const runner = local ?? new Container({ engine: engine ?? '', image: IMAGE, port, innerPort: 6379, args });
  return serve({
    env: { REDIS_URL: `redis://127.0.0.1:${port}` },
    runner,
    ready: () =>
      until('Redis answers', () => {
        local?.assertRunning();
        return answersPing(port);
      }),
    endWith: 'SIGTERM',
  });
}

async function localRedis(port: number): Promise<LocalProcess> {
  const command = redisProgram(OR_DOCKER);
  const folder = await temporaryFolder('oms-redis');
  return new LocalProcess({ command, args: redisArguments(port, folder), folder, whenOrphaned: 'KILL' });
}
