import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const STOP_MS = 15_000;
const cleanups: (() => Promise<unknown>)[] = [];

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

/** Starts `node scripts/<name>`; it is ended after the test, whatever happens. */
export function command(name: string, args: readonly string[] = [], env: Record<string, string> = {}): Command {
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
  cleanups.push(async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  });
  return { process: child, stdout: () => said.stdout, stderr: () => said.stderr, ended };
}

/** A new folder, removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-scripts-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
