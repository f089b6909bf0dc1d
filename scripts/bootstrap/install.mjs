// Runs on a bare Node 20 without node_modules: nothing but Node's own modules may be imported here.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.oms-install');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The Node that the project runs on, as the npm package `node` installed it; undefined where its install script was kept from running. */
export function pinnedNode() {
  const binary = join(MODULES, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(binary) ? binary : undefined;
}

/** Prints to stderr, so that a command's own output stays clean. */
export function say(message) {
  process.stderr.write(`${message}\n`);
}

/** Ends the process with one message. */
export function fail(message, code = 1) {
  say(message);
  process.exit(code);
}

/** Runs `npm ci` where node_modules is missing or was made from another package-lock.json. */
export async function ensureInstalled() {
  const wanted = fingerprint();
  const has = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  if (has === wanted) return;
  if (!installedByHand()) {
    say(existsSync(MODULES) ? 'The dependencies changed: npm ci ...' : 'Installing the dependencies: npm ci ...');
    await npmCi();
  }
  writeFileSync(STAMP, wanted);
}

/** What decides the content of node_modules: the lock file and the dependency parts of package.json, not its scripts. */
function fingerprint() {
  const { dependencies, devDependencies, overrides, allowScripts } = readJson(join(ROOT, 'package.json'));
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(JSON.stringify([dependencies, devDependencies, overrides, allowScripts]))
    .digest('hex');
}

/** True where someone ran `npm ci` or `npm install` already: npm's own record has every package that the lock file wants. */
function installedByHand() {
  const record = join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false;
  const actual = readJson(record).packages;
  const lock = readJson(join(ROOT, 'package-lock.json')).packages;
  const { dependencies, devDependencies } = readJson(join(ROOT, 'package.json'));
  const top = lock[''];
  if (JSON.stringify([top.dependencies, top.devDependencies]) !== JSON.stringify([dependencies, devDependencies])) {
    return false;
  }
  return Object.entries(lock).every(
    ([path, entry]) => path === '' || entry.optional || actual[path]?.version === entry.version,
  );
}

async function npmCi() {
  const env = { ...process.env };
  // `npm run -s` hands its silence down, and a failing install must be able to say why. No warnings of this Node's age.
  env.npm_config_loglevel = 'error';
  // npm must not run on the Node that it is about to replace.
  const own = join(MODULES, '.bin');
  env.PATH = (env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => entry !== own && !entry.endsWith(`${sep}node-gyp-bin`))
    .join(delimiter);
  const code = await new Promise((done) => {
    // stdout goes to our stderr. NODE_ENV=production must not leave out the build tools.
    const npm = spawn('npm', ['ci', '--include=dev'], { cwd: ROOT, env, stdio: ['ignore', 2, 2] });
    npm.on('error', (error) => {
      say(`npm could not be started: ${error.message}`);
      done(127);
    });
    npm.on('exit', (status, signal) => done(signal ? 1 : status));
  });
  if (code !== 0) {
    fail(
      `\nnpm ci failed (exit code ${code}); its reason is above. Is the network, or npm's registry setting, in order?`,
    );
  }
}
