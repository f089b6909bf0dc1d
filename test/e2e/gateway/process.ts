import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../services/helpers/teardown.js';
import { until } from '../../infra/until.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/apps/api-gateway/src/main.js');

const ENSURE_BUILT = "import { ensureBuilt } from './scripts/bootstrap/build.mjs'; ensureBuilt();";

/** Builds what is not built yet: `dist` is what these tests are about, and others may be running from it. */
export function build(): void {
  execFileSync(process.execPath, ['--input-type=module', '--eval', ENSURE_BUILT], { cwd: ROOT, stdio: 'pipe' });
}

export interface GatewayProcess {
  pid: number;
  /** All that it has said, on both outputs. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | string | null>;
}

/** Starts the built gateway with this environment and nothing else, in a folder without a `.env`. It is killed in the end. */
export function gatewayProcess(environment: Readonly<Record<string, string>>): GatewayProcess {
  const child = spawn(process.execPath, [MAIN], {
    cwd: temporaryFolder(),
    env: { PATH: process.env['PATH'], NODE_ENV: 'test', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (said += String(chunk)));
  const ended = new Promise<number | string | null>((done) => {
    child.once('close', (code, signal) => done(code ?? signal));
  });
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { pid: child.pid ?? 0, said: () => said, kill: (signal) => void child.kill(signal), ended };
}

/** Resolves when it serves; fails where it ends instead. */
export async function healthy(gateway: GatewayProcess, url: string): Promise<void> {
  let over: number | string | null | undefined;
  void gateway.ended.then((code) => (over = code ?? 'unknown'));
  await until(`${url} is healthy`, async () => {
    if (over !== undefined) throw new Error(`it ended with ${over}: ${gateway.said()}`);
    const answer = await fetch(`${url}/websocket/health`).catch(() => undefined);
    return answer?.status === 200;
  });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oms-gateway-'));
  atEnd(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  return folder;
}
