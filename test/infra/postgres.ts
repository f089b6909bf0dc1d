import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { programOrInstall } from '../../scripts/servers/program.js';
import { Container, containerEngine, OR_DOCKER } from './container.js';
import { account, LocalProcess, temporaryFolder, type Account } from './local-process.js';
import { serve, type Server } from './server.js';
import { freePort, until } from './until.js';

const IMAGE = 'postgres:17-alpine';
const DEBIAN = '/usr/lib/postgresql';
const USER = 'oms';
const PASSWORD = 'oms-test-password';
const DATABASE = 'oms';
/** Safe when the server is killed, only not when the machine loses power: what a test's data can afford. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'max_connections=200'];

/** PostgreSQL, with the variables `DATABASE_*` of its superuser. */
export async function startPostgres(): Promise<Server> {
  const port = await freePort();
  const engine = containerEngine();
  const local = engine ? undefined : await localPostgres(port);
  const runner = local ?? container(engine ?? '', port);
  return serve({
    env: {
      DATABASE_HOST: '127.0.0.1',
      DATABASE_PORT: String(port),
      DATABASE_USER: USER,
      DATABASE_PASSWORD: PASSWORD,
      DATABASE_NAME: DATABASE,
    },
    runner,
    ready: () =>
      until('PostgreSQL answers', () => {
        local?.assertRunning();
        return asksForPassword(port);
      }),
    endWith: 'SIGINT',
  });
}

function container(engine: string, port: number): Container {
  return new Container({
    engine,
    image: IMAGE,
    port,
    innerPort: 5432,
    env: { POSTGRES_USER: USER, POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: DATABASE },
    args: SETTINGS.flatMap((setting) => ['-c', setting]),
  });
}

async function localPostgres(port: number): Promise<LocalProcess> {
  const binaries = programOrInstall('PostgreSQL', 'postgresql', findBinaries, OR_DOCKER);
  const user = serverUser();
  const folder = await temporaryFolder('oms-postgres', user);
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  if (user) for (const path of [data, passwordFile]) await chown(path, user.uid, user.gid);
  initialise(join(binaries, 'initdb'), data, passwordFile, user);
  const settings = [...SETTINGS, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  return new LocalProcess({
    command: join(binaries, 'postgres'),
    args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    folder,
    user,
    whenOrphaned: 'INT',
  });
}

function initialise(initdb: string, data: string, passwordFile: string, user: Account | undefined): void {
  const options = ['-D', data, '-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'];
  const { status, stderr } = spawnSync(initdb, [...options, '--locale=C', '--no-sync'], {
    cwd: data,
    encoding: 'utf8',
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
}

/** PostgreSQL refuses to run as root: then it runs as its own system user. */
function serverUser(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = account('postgres') ?? account('nobody');
  if (!user)
    throw new Error(
      'PostgreSQL does not run as root, and there is no user postgres here: run the tests as another user',
    );
  return user;
}

/** The folder of the newest version's programs. */
function findBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  return readdirSync(DEBIAN)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

/**
 * True when the server takes logins: it answers a start-up message with `R`, its question for the password
 * (and with an error while it is still starting).
 */
function asksForPassword(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      done(answer);
      socket.destroy();
    };
    const body = Buffer.from(`\0\x03\0\0user\0${USER}\0database\0postgres\0\0`, 'latin1');
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + length.length);
    socket.once('connect', () => socket.write(Buffer.concat([length, body])));
    socket.once('data', (answer) => end(answer[0] === 'R'.charCodeAt(0)));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
