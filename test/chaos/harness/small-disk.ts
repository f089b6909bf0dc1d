import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../../e2e/services/helpers/teardown.js';
import type { GatewayProcess } from './gateway-process.js';

/** A folder with little space, and with more on demand. */
export interface SmallDisk {
  folder: string;
  /** To be called when the gateway has started. */
  bind(gateway: GatewayProcess): void;
  grow(): void;
}

const KILOBYTE = 1_024;

/**
 * A real file system of its own where this user may mount one; else the system limits how large a file of the
 * gateway may become, which fails a write just as late, though with another error.
 */
export async function smallDisk(kilobytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-small-'));
  const mounted = succeeds('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder);
  atEnd(async () => {
    if (mounted) succeeds('umount', '-l', folder);
    await rm(folder, { recursive: true, force: true });
  });
  if (mounted) {
    return { folder, bind: () => undefined, grow: () => must('mount', '-o', 'remount,size=100000k', folder) };
  }
  let bound: GatewayProcess | undefined;
  const limit = (bytes: number | 'unlimited'): void =>
    must('prlimit', '--pid', String(bound?.pid), `--fsize=${bytes}:unlimited`);
  return {
    folder,
    bind: (gateway) => {
      bound = gateway;
      limit(kilobytes * KILOBYTE);
    },
    grow: () => limit('unlimited'),
  };
}

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function must(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
