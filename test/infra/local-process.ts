import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endingWithParent, type OrphanOptions } from '../../scripts/servers/program.js';
import type { Runner } from './server.js';

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

export interface LocalProcessOptions extends OrphanOptions {
  command: string;
  args: readonly string[];
  /** Its data; removed in the end. */
  folder: string;
}

/** A server's own program, as a child of this process. */
export class LocalProcess implements Runner {
  private child: ChildProcess | undefined;
  private gone: Promise<unknown> = Promise.resolve();
  private output = '';

  constructor(private readonly options: LocalProcessOptions) {}

  start(): Promise<void> {
    const [command, args] = endingWithParent(this.options.command, this.options.args, this.options);
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
    // One that is frozen would take no other signal than SIGKILL.
    this.thaw();
    await this.gone;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
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
}
