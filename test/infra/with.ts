import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import type { Server } from './server.js';

/** Add a server here, and a file beside this one. */
const SERVERS: Readonly<Record<string, () => Promise<Server>>> = { postgres: startPostgres, redis: startRedis };
const USAGE = `node test/infra/with.mjs <${Object.keys(SERVERS).join('|')}> [...] -- <command> [arguments]`;

const args = process.argv.slice(2);
const dashes = args.indexOf('--');
const names = dashes < 0 ? [] : args.slice(0, dashes);
const [command, ...rest] = dashes < 0 ? [] : args.slice(dashes + 1);
const starts = names.map((name) => SERVERS[name]);

if (command === undefined || starts.length === 0 || starts.includes(undefined)) {
  process.stderr.write(`Usage: ${USAGE}\n`);
  process.exit(2);
}

await using servers = new AsyncDisposableStack();
try {
  const env = { ...process.env };
  for (const start of starts) if (start) Object.assign(env, servers.use(await start()).env);
  process.stderr.write(`${names.join(', ')}: started.\n`);
  process.exitCode = await run(command, rest, env);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** Signals go to the command; the servers are stopped when it has ended. */
function run(program: string, programArgs: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, programArgs, { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => done(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
