import { execFileSync } from 'node:child_process';
import { expect } from '@jest/globals';
import { until } from '../../infra/until.js';
import { command, temporaryFolder, type Command, type Ends } from './command.js';

/** Any free port for everything, so that a system of a test meets no other. */
const ANY_PORT = Object.fromEntries(
  ['', 'AUTH_', 'INVENTORY_', 'INVENTORY_GRPC_', 'ORDER_', 'CART_', 'REDIS_']
    .map((part) => `${part}PORT`)
    .concat('PORT_A', 'PORT_B')
    .map((name) => [name, '0']),
);

/** A program of scripts/ that runs a whole system. */
type Script = 'start.mjs' | 'start-cluster.mjs';

/** Start-up of five processes, on two busy cores. */
export const SLOW = 120_000;

export interface System extends Command {
  /** Health URL by service, as `npm start` printed it. */
  health: (service: string) => string;
  /** Process ids by the name of the app. */
  processes: () => Map<string, number>;
}

/** `npm start`, or another script, with data and ports of its own; it need not come up. */
export async function start(
  env: Record<string, string> = {},
  ends?: Ends,
  script: Script = 'start.mjs',
): Promise<Command> {
  return command(script, [], { ...ANY_PORT, DATA_DIR: await temporaryFolder(ends), ...env }, ends);
}

/** `npm start`, or another script, up and healthy. */
export async function running(
  env: Record<string, string> = {},
  ends?: Ends,
  script: Script = 'start.mjs',
): Promise<System> {
  const started = await start(env, ends, script);
  await until(`${script} is up`, () => {
    if (started.process.exitCode !== null) throw new Error(started.stdout() + started.stderr());
    return started.stdout().includes('Ctrl-C stops everything');
  });
  return {
    ...started,
    health: (service) => {
      const url = new RegExp(String.raw`^ +${service} +(http\S+)$`, 'm').exec(started.stdout())?.[1];
      expect(url).toBeDefined();
      return url ?? '';
    },
    processes: () => children(started.process.pid),
  };
}

export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status === 200;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function children(parent: number | undefined): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')) {
    const [, pid, ppid, app] = /^\s*(\d+)\s+(\d+)\s.*dist\/apps\/([\w-]+)\/src\/main\.js/.exec(line) ?? [];
    if (app !== undefined && Number(ppid) === parent) found.set(app, Number(pid));
  }
  return found;
}
