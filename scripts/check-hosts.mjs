// Fails where a file that git tracks names the host of a package registry: a clone must install through whatever
// registry its own machine is set to. (The hosts are put together here, so that this file names none.)
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

const HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['npmmirror', 'com'],
  ['pypi', 'org'],
  ['pythonhosted', 'org'],
  ['maven', 'org'],
  ['maven', 'apache', 'org'],
  ['deb', 'debian', 'org'],
  ['security', 'debian', 'org'],
  ['archive', 'ubuntu', 'com'],
  ['index', 'crates', 'io'],
  ['static', 'crates', 'io'],
  ['proxy', 'golang', 'org'],
  ['rubygems', 'org'],
].map((parts) => parts.join('.'));

const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
const found = tracked.flatMap((path) => {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  const content = readFileSync(path, 'latin1');
  return HOSTS.filter((host) => content.includes(host)).map((host) => `${path}: names ${host}`);
});
// A lock file that records download addresses binds every clone to the registry of the machine that wrote it.
if (/"resolved": "https?:/.test(readFileSync('package-lock.json', 'utf8'))) {
  found.push('package-lock.json: records download addresses ("resolved")');
}
for (const line of found) process.stderr.write(`${line}\n`);
if (found.length > 0) process.exitCode = 1;
