import { spawnSync } from 'node:child_process';

/**
 * Finds a program, installing its Debian package where this is root on such a system.
 * Throws with what to install where it cannot be had.
 */
export function programOrInstall(name: string, debianPackage: string, find: () => string | undefined): string {
  const found = find() ?? (mayInstall() && install(debianPackage) ? find() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    `These tests need ${name}, and it is not here: no usable container engine, and no ${name} program. ` +
      `Start Docker, or install it: apt-get install ${debianPackage}`,
  );
}

/** The path of a program in PATH. */
export function inPath(program: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
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
