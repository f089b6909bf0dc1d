import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Server and load run on cores of their own, where the system lets us say so. */
const pinnable = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** A child process that is asked and answers over IPC. It ends when disposed, or when this process does. */
export class Child<Command> implements AsyncDisposable {
  private readonly process: ChildProcess;
  private readonly pending = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  private readonly hello: Promise<{ url: string }>;
  private lastId = 0;

  constructor(file: string, core: number, env: Readonly<Record<string, string>> = {}) {
    const node = [process.execPath, '--expose-gc', '--no-warnings', fileURLToPath(new URL(file, import.meta.url))];
    const [program = '', ...args] = pinnable ? ['taskset', '-c', String(core), ...node] : node;
    this.process = spawn(program, args, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.hello = new Promise((resolve, reject) => {
      this.process.on('message', (message: { id?: number; url?: string; result?: never; error?: string }) => {
        if (message.url !== undefined) return resolve({ url: message.url });
        const waiting = this.pending.get(message.id ?? 0);
        this.pending.delete(message.id ?? 0);
        if (message.error === undefined) waiting?.resolve(message.result as never);
        else waiting?.reject(new Error(message.error));
      });
      this.process.once('exit', (code) => {
        const ended = new Error(`${file} ended with ${code}`);
        reject(ended);
        for (const { reject: fail } of this.pending.values()) fail(ended);
      });
    });
    this.hello.catch(() => undefined);
  }

  /** Where a server listens. */
  async url(): Promise<string> {
    return (await this.hello).url;
  }

  ask<Result>(command: Command): Promise<Result> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.process.send({ id, command });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null) return;
    const exited = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.disconnect();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }
}
