import { beforeAll, describe, expect, it } from '@jest/globals';
import { DEVELOPMENT_JWT_SECRET } from '@lib/service';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../services/helpers/http.js';
import { atEnd } from '../services/helpers/teardown.js';
import { Tokens } from '../services/helpers/tokens.js';
import { freePort } from '../../infra/until.js';
import { connect } from '../../support/client.js';
import { build, gatewayProcess, healthy, temporaryFolder, type GatewayProcess } from './process.js';

const SECRET = 'a-secret-of-this-test-alone-0123456789';
/** EX_CONFIG of sysexits.h. */
const MISCONFIGURED = 78;

beforeAll(build);

describe('a gateway with a wrong environment', () => {
  it.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '30.5'],
    ['NODE_ENV', 'staging'],
    ['LOG_LEVEL', 'loud'],
    ['JWT_EXPIRES_IN', 'tomorrow'],
    ['JWT_EXPIRES_IN', '24'],
    ['AUTH_URL', 'not-a-url'],
    ['ORDER_URL', 'ftp://order:21'],
    ['INVENTORY_URL', 'localhost:3003'],
    ['CART_URL', 'http://'],
    ['PROXY_TIMEOUT', 'soon'],
    ['JOURNAL_SYNC', 'sometimes'],
    ['WS_PING_INTERVAL', '99'],
    ['WS_PING_TIMEOUT', 'x'],
    ['WS_UPGRADE_TIMEOUT', '0'],
    ['WS_MAX_MESSAGE_BYTES', '1000000000000'],
    ['WS_MESSAGES_PER_MINUTE', '0'],
  ])('does not start with %s=%s: it names the variable and what it should be', async (name, value) => {
    const gateway = gatewayProcess({ PORT: '0', DATA_DIR: temporaryFolder(), [name]: value });
    expect(await gateway.ended).toBe(MISCONFIGURED);
    expect(gateway.said()).toMatch(new RegExp(String.raw`^\s+${name}: \S+ \S+`, 'm'));
    expect(gateway.said()).not.toContain('at Object');
  });

  it('never tells a value, and names every wrong variable at once', async () => {
    const value = 'v4lue-that-nobody-should-see';
    const names = ['PORT', 'AUTH_URL', 'JWT_EXPIRES_IN', 'JOURNAL_SYNC', 'WS_PING_TIMEOUT', 'LOG_LEVEL'];
    const wrong = Object.fromEntries(names.map((name) => [name, value]));
    const gateway = gatewayProcess({ ...wrong, JWT_SECRET: `${value}-secret`, DATA_DIR: temporaryFolder() });
    expect(await gateway.ended).toBe(MISCONFIGURED);
    for (const name of names) expect(gateway.said()).toContain(`${name}: `);
    expect(gateway.said()).not.toContain(value);
  });

  it.each([
    ['none', {}],
    ['an empty one', { JWT_SECRET: '' }],
    ['the default one', { JWT_SECRET: DEVELOPMENT_JWT_SECRET }],
    ['a short one', { JWT_SECRET: 'short-4711' }],
  ])('does not start in production with %s for a secret', async (_, secret: Record<string, string>) => {
    const gateway = gatewayProcess({ NODE_ENV: 'production', PORT: '0', DATA_DIR: temporaryFolder(), ...secret });
    expect(await gateway.ended).toBe(MISCONFIGURED);
    expect(gateway.said()).toMatch(/JWT_SECRET: .*32 characters/);
    if (secret['JWT_SECRET']) expect(gateway.said()).not.toContain(secret['JWT_SECRET']);
  });

  it('does not start on a taken port, and says which and what to do', async () => {
    const port = await taken();
    const gateway = gatewayProcess({ PORT: String(port), DATA_DIR: temporaryFolder() });
    expect(await gateway.ended).toBe(1);
    expect(gateway.said()).toMatch(new RegExp(`port ${port} is taken: .*PORT`));
  });

  it('does not start with a data folder that is none, and says so', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const gateway = gatewayProcess({ PORT: '0', DATA_DIR: file });
    expect(await gateway.ended).not.toBe(0);
    expect(gateway.said()).toContain(file);
  });

  it('does not start on a journal that is damaged, and says which', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'journal.sqlite'), 'this is no database'.repeat(1_000));
    const gateway = gatewayProcess({ PORT: '0', DATA_DIR: folder });
    expect(await gateway.ended).toBe(1);
    expect(gateway.said()).toContain(join(folder, 'journal.sqlite'));
  });
});

describe('a gateway that runs', () => {
  const tokens = new Tokens(SECRET);
  const notify = (url: string, key: string): Promise<{ status: number; body: unknown }> =>
    call('POST', `${url}/websocket/broadcast`, {
      token: tokens.of('service', 'test'),
      body: { type: 'user', userId: 7, title: 'T', message: 'm' },
      headers: { 'idempotency-key': key },
    });
  const running = async (dataDir: string): Promise<{ gateway: GatewayProcess; url: string }> => {
    const port = await freePort();
    const gateway = gatewayProcess({ PORT: String(port), DATA_DIR: dataDir, JWT_SECRET: SECRET });
    const url = `http://127.0.0.1:${port}`;
    await healthy(gateway, url);
    return { gateway, url };
  };

  it('keeps a second one off its journal, and is not disturbed by it', async () => {
    const folder = temporaryFolder();
    const { url } = await running(folder);
    const second = gatewayProcess({ PORT: '0', DATA_DIR: folder, JWT_SECRET: SECRET });
    expect(await second.ended).toBe(1);
    expect(second.said()).toMatch(/journal.*in use by another process/);
    expect((await notify(url, randomUUID())).status).toBe(202);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, its clients told to come back', async (signal) => {
    const { gateway, url } = await running(temporaryFolder());
    const client = await connect(url, tokens.of('customer', 7));
    const polling = await connect(url, tokens.of('customer', 8), { transports: ['polling'] });
    const reasons = Promise.all([client.ended(), polling.ended()]);
    gateway.kill(signal);
    expect(await gateway.ended).toBe(0);
    // A server's own disconnect would keep a stock client from reconnecting.
    expect(await reasons).not.toContain('io server disconnect');
  });

  it('keeps its journal over kill -9: what was posted before is a duplicate after', async () => {
    const folder = temporaryFolder();
    const key = randomUUID();
    const { gateway, url } = await running(folder);
    const first = await notify(url, key);
    expect(first).toMatchObject({ status: 202, body: { duplicate: false } });
    gateway.kill('SIGKILL');
    expect(await gateway.ended).toBe('SIGKILL');

    const { url: again } = await running(folder);
    const second = await notify(again, key);
    expect([second.status, second.body]).toEqual([202, { ...(first.body as object), duplicate: true }]);
    expect(await notify(again, randomUUID())).toMatchObject({ status: 202, body: { duplicate: false } });
  });

  it('starts in production with a proper secret, and logs no secret and no token', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings = { NODE_ENV: 'production', LOG_LEVEL: 'verbose', JWT_SECRET: SECRET, PORT: String(port) };
    const gateway = gatewayProcess({ ...settings, DATA_DIR: temporaryFolder() });
    await healthy(gateway, url);
    const token = tokens.of('service', 'test');
    await call('GET', `${url}/websocket/stats`, { token });
    await call('GET', `${url}/websocket/stats`, { token: `${token}x` });
    await (await connect(url, token)).ask('nope');
    gateway.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    for (const secret of [SECRET, token]) expect(gateway.said()).not.toContain(secret);
  });
});

/** A port that something listens on. */
async function taken(): Promise<number> {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  atEnd(() => new Promise((done) => void server.close(() => done())));
  return port;
}
