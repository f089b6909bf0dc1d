import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { testEnvironment } from '../../e2e/services/helpers/environment.js';
import { call } from '../../e2e/services/helpers/http.js';
import { atEnd } from '../../e2e/services/helpers/teardown.js';
import { Tokens } from '../../e2e/services/helpers/tokens.js';
import { freePort, until } from '../../infra/until.js';
import { journalSettings } from './journal-settings.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/apps/api-gateway/src/main.js');
/** Ends the child with this process, whatever ends this process. */
const LEASH = pathToFileURL(join(ROOT, 'scripts/bootstrap/leash.mjs')).href;
const KEPT_OUTPUT = 4_000;
const PAGE = 4_096;
/** Milliseconds: Linux counts processor time in hundredths of a second. */
const TICK = 10;

/** What `GET /websocket/stats` says, as far as these tests look at it. */
export interface Stats {
  connectedClients: number;
  rooms: Record<string, number>;
  total: { resumes: number; resyncs: number; slowDisconnects: number };
}

/** The built gateway as a process of its own, on loopback: to be killed, ended and started again on the same port and data. */
export class GatewayProcess {
  private child: ChildProcess | undefined;
  private gone: Promise<unknown> = Promise.resolve();
  private output = '';

  private constructor(
    readonly port: number,
    /** What it was started with, and is started with again. */
    readonly settings: Readonly<Record<string, string>> & { readonly JWT_SECRET: string; readonly DATA_DIR: string },
    readonly tokens: Tokens,
  ) {}

  /** Starts one with data of its own; `settings` are environment variables. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
    const { JWT_SECRET, DATA_DIR = '', ...environment } = await testEnvironment();
    const journal = journalSettings(settings);
    const port = await freePort();
    const all = { JWT_SECRET, DATA_DIR, ...environment, ...journal, ...settings, PORT: String(port) };
    const gateway = new GatewayProcess(port, all, new Tokens(all.JWT_SECRET));
    atEnd(() => gateway.kill());
    await gateway.start();
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get dataDir(): string {
    return this.settings.DATA_DIR;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves when it serves. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    // Nothing of this test's own environment, and no .env: its folder is the working directory.
    const env = { PATH: process.env['PATH'], ...this.settings, ...settings };
    const child = spawn(process.execPath, ['--import', LEASH, MAIN], {
      cwd: this.dataDir,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    this.gone = once(child, 'exit');
    const keep = (chunk: Buffer): void => void (this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    await this.waitHealthy();
  }

  async waitHealthy(): Promise<void> {
    await until('the gateway is healthy', async () => {
      if (!this.running()) throw new Error(`the gateway ended. It said:\n${this.output}`);
      return (await this.health()) === 200;
    });
  }

  /** The status of `GET /websocket/health`; `undefined` where it does not answer. */
  async health(): Promise<number | undefined> {
    try {
      return (await fetch(`${this.url}/websocket/health`, { signal: AbortSignal.timeout(5_000) })).status;
    } catch {
      return undefined;
    }
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.running()) this.child?.kill('SIGKILL');
    await this.gone;
  }

  /** SIGTERM; resolves with the exit code. */
  async drain(): Promise<number | null> {
    if (this.running()) this.child?.kill('SIGTERM');
    await this.gone;
    return this.child?.exitCode ?? null;
  }

  running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  async stats(): Promise<Stats> {
    const answer = await call<Stats>('GET', `${this.url}/websocket/stats`, { token: this.tokens.of('admin', 'stats') });
    if (answer.status !== 200) throw new Error(`stats answered ${answer.status}`);
    return answer.body;
  }

  /** Bytes of memory that the process holds. Asked of the system, so that a busy process need not answer. */
  rss(): number {
    return Number(readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ')[1]) * PAGE;
  }

  /** Milliseconds of processor time that the process has taken so far. */
  cpu(): number {
    // After the name in brackets, which may hold blanks: user and system time are the 12th and 13th.
    const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(user) + Number(system)) * TICK;
  }

  /** What it wrote last. */
  said(): string {
    return this.output;
  }
}
