import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ask } from './health.js';
import type { Program } from './program.js';

export interface ServiceProgramOptions {
  name: string;
  /** Its folder under apps/. */
  app: string;
  env: NodeJS.ProcessEnv;
  /** Of its health. */
  url: string;
  /** What it serves HTTPS with. */
  certificate?: X509Certificate | undefined;
  /** Modules of scripts/bootstrap that it starts with, beside its leash. */
  preload?: readonly string[];
}

/** A service of this repository, as it was built. */
export function serviceProgram({ name, app, env, url, certificate, preload = [] }: ServiceProgramOptions): Program {
  const root = process.cwd();
  const imports = ['leash.mjs', ...preload].flatMap((module) => [
    '--import',
    pathToFileURL(join(root, 'scripts/bootstrap', module)).href,
  ]);
  return {
    name,
    command: process.execPath,
    args: [...imports, join(root, `dist/apps/${app}/src/main.js`)],
    env,
    leash: true,
    check: async () => {
      const problem = await ask({ url, certificate });
      return problem === undefined ? undefined : `${url} ${problem}`;
    },
  };
}
