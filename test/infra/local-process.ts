import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runner } from './server.js';

const SETPRIV = '/usr/bin/setpriv';
const KEPT_OUTPUT = 4_000;

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** A system user of this machine; undefined where there is none of that name. */
export function account(name: string): Account | undefined {
  const id = (kind: string): number => Number(spawnSync('id', [kind, name], { encoding: 'utf8' }).stdout || NaN);
  const [uid, gid] = [id('-u'), id('-g')];
  return Number.isInteger(uid) && Number.isInteger(gid) ? { name, uid, gid } : undefined;
}

/** A new folder that belongs to `owner` and that no one else may read. */
export async function temporaryFolder(prefix: string, owner?: Account): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`));
  if (owner) await chown(folder, owner.uid, owner.gid);
  return folder;
}

export interface LocalProcessOptions {
  command: string;
  args: readonly string[];
  /** Its data; removed in the end. */
  folder: string;
  /** Run as this user; only root can. */
  user?: Account | undefined;
  /** Sent to it when this process dies without having ended it. */
  whenOrphaned: 'INT' | 'KILL';
}

/** A server's own program, as a child of this process. */
export class LocalProcess implements Runner {
  private child: ChildProcess | undefined;
  private gone: Promise<unknown> = Promise.resolve();
  private output = '';

  constructor(private readonly options: LocalProcessOptions) {}

  start(): Promise<void> {
    const [command = '', ...args] = this.commandLine();
    const child = spawn(command, args, { cwd: this.options.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.gone = new Promise((done) => {
      child.once('close', done);
      child.once('error', done);
    });
    const keep = (chunk: Buffer): void => void (this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return new Promise((done, failed) => {
      child.once('spawn', done);
      child.once('error', failed);
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.running()) this.child?.kill(signal);
    await this.gone;
  }

  async remove(): Promise<void> {
    await rm(this.options.folder, { recursive: true, force: true });
  }

  /** Throws, with what the server said last, where it has ended. */
  assertRunning(): void {
    if (!this.running()) throw new Error(`${this.options.command} ended. It said:\n${this.output}`);
  }

  private running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private commandLine(): string[] {
    const { command, args, user, whenOrphaned } = this.options;
    const asUser = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'] : [];
    if (!existsSync(SETPRIV)) return [command, ...args];
    return [SETPRIV, ...asUser, `--pdeathsig=${whenOrphaned}`, command, ...args];
  }
}
