import type { SystemEnv } from '../services.js';

/**
 * What the programs are given: the caller's environment, and `derived` addresses. Where the variable of an address is
 * set, by the caller or in .env, it is kept; the ports are settled and always given.
 */
export function childEnv(derived: Record<string, string>, env: SystemEnv): NodeJS.ProcessEnv {
  const set = Object.entries(process.env).filter(([name, value]) => value !== '' && !(name in env));
  const quiet = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  return { ...quiet, ...process.env, ...derived, ...Object.fromEntries(set) };
}
