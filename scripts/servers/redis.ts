import { connect } from 'node:net';
import { inPath, programOrInstall } from './program.js';

/** Every write is in the append-only file before it is answered, so `kill -9` loses nothing that was acknowledged. */
export const REDIS_SETTINGS: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];

export const redisProgram = (instead?: string): string =>
  programOrInstall('Redis', 'redis-server', () => inPath('redis-server'), instead);

/** Listens on loopback, with its data in `folder`. */
export function redisArguments(port: number, folder: string): string[] {
  return ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...REDIS_SETTINGS];
}

/** False too while it still loads its data. */
export function answersPing(port: number): Promise<boolean> {
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
