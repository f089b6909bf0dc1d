import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';

/**
 * Finds a server's program, installing its Debian package where this is root on such a system.
 * Throws with what to install where it cannot be had; `instead` says what else would do.
 */
export function programOrInstall(
  name: string,
  debianPackage: string,
  find: () => string | undefined,
  instead = '',
): string {
  const found = find() ?? (mayInstall() && install(debianPackage) ? find() : undefined);
  if (found !== undefined) return found;
  throw new Error(`This needs ${name}, and it is not here: ${instead}apt-get install ${debianPackage}`);
}

/** The path of a program in PATH, or where system administrators' programs are, which is not in everybody's. */
export function inPath(program: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : [`/usr/sbin/${program}`, `/usr/local/sbin/${program}`].find(existsSync);
}

export interface OrphanOptions {
  /** Sent to the program when the process that started it dies without having ended it. */
  whenOrphaned: 'INT' | 'TERM' | 'KILL';
  /** Run as this user; only root can. */
  user?: { uid: number; gid: number } | undefined;
}

/** A command line that ends with its parent; on a system that has no means for that, the same as it was. */
export function endingWithParent(
  command: string,
  args: readonly string[],
  { whenOrphaned, user }: OrphanOptions,
): [command: string, args: string[]] {
  const asUser = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'] : [];
  if (!existsSync(SETPRIV)) return [command, [...args]];
  return [SETPRIV, [...asUser, `--pdeathsig=${whenOrphaned}`, command, ...args]];
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && inPath('apt-get') !== undefined;
}

function install(debianPackage: string): boolean {
  process.stderr.write(`Installing ${debianPackage} ...\n`);
  // Run level 1 keeps the package's own server from being started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 2, 2] }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', debianPackage);
}
