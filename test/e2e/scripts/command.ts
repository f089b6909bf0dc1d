import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { until } from '../../infra/until.js';

const ROOT = join(import.meta.dirname, '../../..');
const STOP_MS = 15_000;
const cleanups: (() => Promise<void>)[] = [];

/** Where something registers its own end. */
export type Ends = (end: () => Promise<void>) => void;
const afterTest: Ends = (end) => void cleanups.push(end);

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A program of scripts/, run as a user runs it, with what it has said so far. */
export interface Command {
  process: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string | null>;
}

/** Starts `node scripts/<name>`; it is ended after the test (or when `ends` says), whatever happens. */
export function command(
  name: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  ends = afterTest,
): Command {
  // Empty counts as unset, and keeps what a developer's own .env says out of the test.
  const unset = { NODE_ENV: '', HOST: '', JWT_SECRET: '', DATABASE_HOST: '' };
  const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  const child = spawn(process.execPath, [join('scripts', name), ...args], {
    cwd: ROOT,
    env: { ...inherited, ...unset, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => void (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (said.stderr += chunk.toString()));
  const ended = new Promise<number | string | null>((done) => {
    child.once('close', (code, signal) => done(code ?? signal));
  });
  ends(async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  });
  return { process: child, stdout: () => said.stdout, stderr: () => said.stderr, ended };
}

/** Resolves when the program has said this; throws, with all that it has said, where it ends before or takes a minute. */
export async function untilSaid({ process: child, stdout, stderr }: Command, words: string | RegExp): Promise<void> {
  const said = (): boolean => (typeof words === 'string' ? stdout().includes(words) : words.test(stdout()));
  try {
    await until(`it says ${words}`, () => {
      if (said()) return true;
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('it has ended');
      return false;
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}. It said:\n${stdout()}${stderr()}`, { cause: error });
  }
}

/** A new folder, removed after the test (or when `ends` says). */
export async function temporaryFolder(ends = afterTest): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-scripts-'));
  ends(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
