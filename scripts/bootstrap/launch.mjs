// Runs on a bare Node 20: nothing but Node's own modules may be imported here.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, fail, pinnedNode, ROOT } from './install.mjs';

const OLDEST_MAJOR = 24;

/**
 * Installs and builds what is missing, then runs the compiled `script` (a path under dist/) with this
 * process's arguments on the project's Node. In this very process where it is that Node already.
 */
export async function launch(script) {
  process.chdir(ROOT);
  await ensureInstalled();
  ensureBuilt();
  const file = join(ROOT, 'dist', script);
  const node = nodeToUse();
  if (node === realpathSync(process.execPath)) await import(pathToFileURL(file).href);
  else relay(node, file);
}

function nodeToUse() {
  const pinned = pinnedNode();
  if (pinned) return realpathSync(pinned);
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) return realpathSync(process.execPath);
  return fail(
    `This needs Node ${OLDEST_MAJOR}, and here is ${process.version}. The npm package "node" brings one, but its install script did\n` +
      'not run (ignore-scripts?). Allow it with: npm rebuild node --ignore-scripts=false',
  );
}

/** This process only stands between the caller and the real one: signals go down, the exit code comes up. */
function relay(node, file) {
  const leash = new URL('leash.mjs', import.meta.url).href;
  const child = spawn(node, ['--import', leash, file, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
