import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '@lib/service';
import { ProgramProcess } from './program-process.js';
import type { Program } from './program.js';

const START_LIMIT_MS = 90_000;
const POLL_MS = 150;

/** What a system consists of. */
export interface Plan {
  /** Each stage is started when all of the one before works, and stopped before it. */
  stages: readonly (readonly Program[])[];
  /** Printed when everything works. */
  banner: string;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Runs a system until a signal stops it, one of its programs cannot be kept up, or nobody reads its output any more;
 * then ends this process. What `plan` throws is printed.
 */
export async function runSystem(plan: () => Promise<Plan>): Promise<void> {
  const aborted = new AbortController();
  const stages: ProgramProcess[][] = [];
  let stopped: Promise<void> | undefined;

  // Only the first call counts: Ctrl-C often arrives twice, from the terminal and from npm.
  const stop = (why: string, exitCode: number): void => {
    stopped ??= (async () => {
      aborted.abort();
      print(`\n${why}`);
      for (const stage of stages.toReversed()) await Promise.all(stage.map((running) => running.stop()));
      if (exitCode === 0) print('Everything is stopped.');
      process.exit(exitCode);
    })();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop('Stopping ...', 0));
  }
  // Whoever read this program's output has gone (`npm start | head`): there is no one to work for.
  process.stdout.on('error', () => stop('', 0));

  try {
    const { stages: planned, banner } = await plan();
    const onFailure = (reason: string): void => stop(reason, 1);
    for (const programs of planned) {
      aborted.signal.throwIfAborted();
      print(`Starting ${programs.map(({ name }) => name).join(', ')} ...`);
      const stage = programs.map((program) => new ProgramProcess(program, { print, onFailure }));
      stages.push(stage);
      for (const running of stage) running.start();
      await Promise.all(stage.map((running) => untilReady(running, aborted.signal)));
    }
    print(banner);
  } catch (error) {
    if (aborted.signal.aborted) return;
    if (error instanceof EnvironmentError) stop(error.message, 78);
    else stop(error instanceof StartError ? error.message : explain(error), 1);
  }
}

/** A reason that is complete without a stack: something of the user's machine or settings, not a defect. */
export class StartError extends Error {
  override name = 'StartError';
}

async function untilReady(running: ProgramProcess, signal: AbortSignal): Promise<void> {
  const { name, check } = running.program;
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const problem = await check();
    if (problem === undefined) return running.markReady();
    signal.throwIfAborted();
    if (Date.now() > deadline)
      throw new StartError(`${name} is not healthy after ${START_LIMIT_MS / 1000} s: ${problem}.`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
