import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Suites that need a server, or minutes: `npm test` leaves them out, unless this variable says where a server is. */
const LEFT_OUT = [
  { variable: 'DATABASE_HOST', what: 'services on PostgreSQL instead of SQLite', command: 'npm run test:postgres' },
  { variable: 'REDIS_URL', what: 'journal and shared state on Redis', command: 'npm run test:redis' },
  { variable: undefined, what: 'kills, cut networks, drains, full disks', command: 'npm run test:chaos' },
] as const;
/** Runs test/chaos instead, one file after the other: each of them takes the whole machine. */
const CHAOS = '--chaos';

const args = process.argv.slice(2);
const chaos = args.includes(CHAOS);
const suites = chaos ? ['--runInBand', '--selectProjects', 'chaos'] : ['--selectProjects', 'unit', 'e2e'];

const jest = spawn(
  process.execPath,
  // Last: whatever follows --selectProjects is taken for the name of a project.
  // Connections that were broken off on purpose leave timers behind, some for 30 s: the results do not wait for them.
  ['node_modules/jest/bin/jest.js', '--forceExit', ...args.filter((arg) => arg !== CHAOS), ...suites],
  {
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: nodeOptions(), NODE_ENV: 'test' },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => jest.kill(signal));
jest.on('exit', (code, signal) => {
  // A run with a server is about that one alone.
  if (!chaos && !LEFT_OUT.some(({ variable }) => variable && process.env[variable])) {
    const rows = LEFT_OUT.map(({ what, command }) => `  ${what.padEnd(42)} ${command}`);
    process.stderr.write(`\nNot run here, since they need a server or minutes:\n${rows.join('\n')}\n`);
  }
  process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
});

/** Jest runs the project's ES modules only with this flag; its workers take it from the environment. */
function nodeOptions(): string {
  const given = process.env['NODE_OPTIONS'] ?? '';
  const needed = ['--experimental-vm-modules', '--no-warnings'].filter((flag) => !given.includes(flag));
  return [given, ...needed].filter(Boolean).join(' ');
}
