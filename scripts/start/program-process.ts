import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program.js';

const STOP_GRACE_MS = 10_000;
const CRASH_WINDOW_MS = 60_000;
const MOST_CRASHES = 5;
const FIRST_DELAY_MS = 500;

export interface ProgramProcessOptions {
  print: (line: string) => void;
  /** Called once, when the program did not come up or crashed too often. */
  onFailure: (reason: string) => void;
}

/**
 * One program as a child process. Before {@link markReady} an exit is a failed start; later on it is a
 * crash, and the program is started again with a growing delay, until it has crashed five times in a minute.
 */
export class ProgramProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<unknown> = Promise.resolve();
  private ready = false;
  private stopping = false;
  private crashes: number[] = [];
  private restart: NodeJS.Timeout | undefined;

  constructor(
    readonly program: Program,
    private readonly options: ProgramProcessOptions,
  ) {}

  start(): void {
    const { command, args, env, leash } = this.program;
    const child = spawn(command, args, {
      env,
      // A group of its own: Ctrl-C in the terminal reaches this program only, which stops the others in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(leash ? ['ipc' as const] : [])],
    });
    this.child = child;
    this.exited = new Promise((done) => child.once('close', done));
    for (const stream of [child.stdout, child.stderr]) if (stream) this.relay(stream);
    child.once('error', (error) => this.ended(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      endRest(child.pid);
      this.ended(signal ? `was ended by ${signal}` : `ended with exit code ${code}`);
    });
  }

  markReady(): void {
    this.ready = true;
  }

  /** Asks the program to end, and after ten seconds ends it. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const { child, exited } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const patience = new AbortController();
    const late = sleep(STOP_GRACE_MS, 'late', { signal: patience.signal }).catch(() => undefined);
    if ((await Promise.race([exited, late])) === 'late') {
      this.options.print(`${this.program.name} did not stop in ${STOP_GRACE_MS / 1000} s: ended by force.`);
      child.kill('SIGKILL');
      await exited;
    }
    patience.abort();
  }

  private relay(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => this.options.print(`[${this.program.name}] ${line}`));
  }

  private ended(how: string): void {
    if (this.stopping) return;
    const { name } = this.program;
    if (!this.ready) {
      this.stopping = true;
      this.options.onFailure(`${name} did not start: it ${how}. Its own words are above, marked [${name}].`);
      return;
    }
    const now = Date.now();
    this.crashes = [...this.crashes.filter((time) => now - time < CRASH_WINDOW_MS), now];
    if (this.crashes.length >= MOST_CRASHES) {
      this.stopping = true;
      this.options.onFailure(`${name} ${how}, for the ${MOST_CRASHES}th time within a minute: giving up.`);
      return;
    }
    const delay = FIRST_DELAY_MS * 2 ** (this.crashes.length - 1);
    this.options.print(`${name} ${how}. Starting it again in ${delay / 1000} s; the others go on.`);
    this.restart = setTimeout(() => this.start(), delay);
  }
}

/** What a program that was killed has left of itself: the workers of nginx would go on, and keep the port. */
function endRest(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing is left, as nearly always.
  }
}
