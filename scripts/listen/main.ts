import { io } from 'socket.io-client';
import { baseEnv, port, readEnvOrExit, tlsEnv } from '@lib/service';
import { z } from 'zod';
import { SAMPLE_USERS, type SampleUser } from '../../apps/auth/src/sample-users.js';
import { readOptions, wrongCall } from '../arguments.js';
import { describe } from './describe.js';
import { logIn, LoginRefused } from './log-in.js';
import { trustGateway } from './trust.js';

const USAGE = 'npm run listen -- --as admin|staff|customer|<e-mail of a sample user> [--url http://localhost:3000]';
const RETRY_MS = 2_000;

const listenEnv = baseEnv.extend({ ...tlsEnv, PORT: port(3000), API_GATEWAY_URL: z.url().optional() });
const env = readEnvOrExit(listenEnv);
const options = readOptions(['as', 'url'], USAGE);
const user = findUser(options.as ?? 'customer');
const url = (
  options.url ??
  env.API_GATEWAY_URL ??
  `${env.SSL_ENABLED ? 'https' : 'http'}://localhost:${env.PORT}`
).replace(/\/+$/, '');
if (!URL.canParse(url)) wrongCall(`--url must be a URL such as http://localhost:3000. Usage: ${USAGE}`);

trustGateway(env);
let token = await firstToken();
const socket = io(`${url}/events`, {
  forceNew: true,
  // Asked at every connection, so that a reconnection after hours still has a token that is valid.
  auth: (send) => send({ token }),
});

socket.on('connect', () => {
  print(`connected to ${url}/events as ${user.email} (${user.roles.join(', ')})`);
  socket.emit('subscribe_to_orders');
  socket.emit('subscribe_to_inventory');
});
socket.on('disconnect', (reason) =>
  print(`disconnected: ${reason}; ${socket.active ? 'reconnecting ...' : 'for good'}`),
);
socket.on('connect_error', (error) => {
  if (socket.active) return; // the stock client tries again by itself
  print(`refused: ${error.message}; logging in again ...`);
  setTimeout(() => void again(), RETRY_MS);
});
socket.io.on('reconnect_attempt', (attempt) => {
  if (attempt === 1 || attempt % 10 === 0) print(`trying to reconnect (attempt ${attempt}) ...`);
});
socket.onAny((event: string, ...args: unknown[]) => print(describe(event, args)));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    socket.disconnect();
    process.exit(0);
  });
}

/** A new token and a new connection, for a client that the server has refused. */
async function again(): Promise<void> {
  try {
    token = await logIn(url, user);
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}; trying again ...`);
    setTimeout(() => void again(), RETRY_MS);
    return;
  }
  socket.connect();
}

async function firstToken(): Promise<string> {
  try {
    return await logIn(url, user);
  } catch (error) {
    if (!(error instanceof LoginRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function findUser(who: string): SampleUser {
  const found = SAMPLE_USERS.find(({ email, roles }) => email === who || (roles as readonly string[]).includes(who));
  return found ?? wrongCall(`--as must be one of the sample users: ${names()}. Usage: ${USAGE}`);
}

function names(): string {
  return SAMPLE_USERS.map(({ email }) => email).join(', ');
}

function print(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`);
}
