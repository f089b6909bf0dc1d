// Runs on a bare Node 20: nothing but Node's own modules may be imported here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ROOT, say } from './install.mjs';

const SOURCES = ['apps', 'libs', 'scripts', 'test/infra', 'test/bench'];
const SETTINGS = ['.swcrc', 'package-lock.json'];
const STAMP = join(ROOT, 'dist', '.oms-build');
const TEST = /\.(spec|e2e-spec)\.ts$/;

/** Builds where dist/ was not made from these sources. */
export function ensureBuilt() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('Building ...');
  build();
}

/** Compiles every app, library and script into dist/, and removes what has no source any more. */
export function build() {
  const made = fingerprint();
  rmSync(STAMP, { force: true });
  const swc = join(ROOT, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const options = ['--out-dir', 'dist', '--config-file', '.swcrc', '--extensions', '.ts', '--copy-files', '--quiet'];
  const { status } = spawnSync(process.execPath, [swc, ...SOURCES, ...options], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail('The build failed; the reason is above.');
  prune();
  writeFileSync(STAMP, made);
}

/** A compiled migration or module whose source is gone would still be found and run. */
function prune() {
  for (const path of walk('dist')) {
    if (!path.endsWith('.js')) continue;
    const source = path.slice('dist/'.length, -'.js'.length);
    const kept = ['.ts', '.js'].some((suffix) => existsSync(join(ROOT, source + suffix)));
    if (!kept) for (const suffix of ['.js', '.js.map']) rmSync(join(ROOT, `dist/${source}${suffix}`), { force: true });
  }
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of [...SETTINGS, ...walkAll(SOURCES)].filter((file) => !TEST.test(file)))
    hash.update(path).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

function* walkAll(folders) {
  for (const folder of folders) yield* walk(folder);
}

function* walk(folder) {
  if (!existsSync(join(ROOT, folder))) return;
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}
