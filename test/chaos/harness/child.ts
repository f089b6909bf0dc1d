import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atEnd } from '../../e2e/services/helpers/teardown.js';

/** A script of this folder as a child process. Node 24 runs its TypeScript as it is. */
export function childOf(script: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  atEnd(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  return child;
}

/** Resolves with the first message that `wanted` takes. */
export async function messageFrom<T>(child: ChildProcess, wanted: (message: unknown) => T | undefined): Promise<T> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [unknown];
    const found = wanted(message);
    if (found !== undefined) return found;
  }
}
