import { connect } from 'node:net';
import { Container, containerEngine } from './container.js';
import { inPath, programOrInstall } from './debian.js';
import { LocalProcess, temporaryFolder } from './local-process.js';
import { serve, type Server } from './server.js';
import { freePort, until } from './until.js';

const IMAGE = 'redis:7-alpine';
/** Every write is in the append-only file before it is answered, so `kill()` loses nothing that was acknowledged. */
const SETTINGS = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];

/** Redis with an append-only file, and the variable `REDIS_URL`. */
export async function startRedis(): Promise<Server> {
  const port = await freePort();
  const engine = containerEngine();
  const local = engine ? undefined : await localRedis(port);
  const runner =
    local ??
    new Container({ engine: engine ?? '', image: IMAGE, port, innerPort: 6379, args: ['redis-server', ...SETTINGS] });
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
  const command = programOrInstall('Redis', 'redis-server', () => inPath('redis-server'));
  const folder = await temporaryFolder('oms-redis');
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...SETTINGS];
  return new LocalProcess({ command, args, folder, whenOrphaned: 'KILL' });
}

/** False too while it still loads its data. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (answer: boolean): void => {
      done(answer);
      socket.destroy();
    };
    socket.once('data', (answer) => end(answer.toString().startsWith('+PONG')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
