// Keeps package-lock.json whole for every platform: `npm run lockfile` adds what is missing, `--check` only tells.
// Some registries do not carry the binaries of other systems. npm then leaves them out of the lock file it writes,
// and `npm ci` refuses such a lock file everywhere ("Missing: ... from lock file").
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const SYSTEMS = /-?(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-(gnu|musl)?[a-z]*)?$/;

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !resolvable(path, name))
    .map(([name, version]) => ({ name, version, path, dev: lock.packages[path].dev })),
);

if (process.argv.includes('--check')) {
  for (const { name, version } of missing) process.stderr.write(`${FILE} lacks ${name}@${version}\n`);
  if (missing.length > 0) process.stderr.write('Complete it: npm run lockfile\n');
  process.exitCode = missing.length > 0 ? 1 : 0;
} else if (missing.length > 0) {
  for (const { name, version, dev } of missing) lock.packages[`node_modules/${name}`] = entry(name, version, dev);
  const packages = Object.entries(lock.packages);
  lock.packages = Object.fromEntries(packages.sort(([one], [other]) => one.localeCompare(other, 'en')));
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
}

/** True where Node, standing in the package at `path`, would find `name` by this lock file. */
function resolvable(path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${base}${base === '' ? '' : '/'}node_modules/${name}`]) return true;
    if (base === '') return false;
  }
}

/** What npm writes for a binary of another system, without the checksum, which this registry cannot tell. */
function entry(name, version, dev) {
  const [, os, cpu, libc] = SYSTEMS.exec(name) ?? [];
  if (os === undefined || !/^\d+\.\d+\.\d+/.test(version)) {
    throw new Error(`${name}@${version}: the name does not tell its system; add it to ${FILE} by hand`);
  }
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...(os === 'linux' && libc && { libc: [libc === 'gnu' ? 'glibc' : libc] }),
    optional: true,
    os: [os],
  };
}
