import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DEVELOPMENT_JWT_SECRET } from '@lib/service';
import { until } from '../../infra/until.js';
import { selfSigned } from '../../support/certificate.js';
import { connect } from '../../support/client.js';
import { allDelivered } from '../../support/notify.js';
import { answers, isAlive, running, SLOW, start, type System } from '../scripts/system.js';
import { call } from '../services/helpers/http.js';
import { Tokens } from '../services/helpers/tokens.js';
import { redisUrl } from '../redis/site.js';

const CLUSTER = 'start-cluster.mjs';
const taken = createServer();
afterEach(() => void taken.close());

const cluster = (env: Record<string, string> = {}): Promise<System> => running(env, undefined, CLUSTER);

/** Every process of it, those of nginx too, with its command line. */
function processes(parent: number | undefined): { pid: number; args: string }[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, ppid, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    // `ps` itself, and whatever else this test runs, is no child of the cluster.
    if (Number(ppid) !== parent) return [];
    return [{ pid: Number(pid), args }].concat(processes(Number(pid)));
  });
}

function gatewayProcess(system: System, node: 'a' | 'b'): number {
  const gateways = processes(system.process.pid).filter(({ args }) => args.includes('api-gateway'));
  const found = gateways.find(({ pid }) =>
    readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`NODE_NAME=${node}\0`),
  );
  return found?.pid ?? 0;
}

describe('npm run start:cluster', () => {
  it(
    'runs two gateways behind one address, goes on when one of them is killed, and stops all of it on Ctrl-C',
    async () => {
      const system = await cluster();
      const { origin: url } = new URL(system.health('balancer'));
      const gateway = { url, tokens: new Tokens(DEVELOPMENT_JWT_SECRET) };
      const clients = await Promise.all(
        [1, 2, 3, 4].map((userId) => connect(url, gateway.tokens.of('customer', userId), { reconnection: true })),
      );
      const nodes = clients.map(({ socket }) => socket.io.engine.id.split('-')[0]);
      expect(new Set(nodes)).toEqual(new Set(['a', 'b']));
      await allDelivered(gateway, ...clients);

      // A service tells of what happened through the balancer, too.
      const token = gateway.tokens.of('customer', 1);
      const body = { addressId: 1, items: [{ productId: 1, quantity: 1, price: 89.9 }] };
      expect((await call('POST', `${url}/order/orders`, { token, body })).status).toBe(201);
      await clients[0]?.waitFor('order_update', 1, 20_000);

      const before = gatewayProcess(system, 'a');
      process.kill(before, 'SIGKILL');
      await until('the crash is said', () => system.stdout().includes('gateway-a was ended by SIGKILL. Starting it'));
      await Promise.all(clients.map((client) => client.until(() => client.socket.connected, 'connection', 20_000)));
      await allDelivered(gateway, ...clients);
      await until('it is back', () => answers(system.health('gateway-a')));
      expect(gatewayProcess(system, 'a')).not.toBe(before);
      for (const client of clients) expect(client.of('resync_required')).toEqual([]);

      for (const { socket } of clients) socket.disconnect();
      const all = processes(system.process.pid);
      for (const program of ['redis-server', 'nginx: master', 'nginx: worker'])
        expect(all.some(({ args }) => args.includes(program))).toBe(true);
      system.process.kill('SIGINT');
      expect(await system.ended).toBe(0);
      expect(all.filter(({ pid }) => isAlive(pid))).toEqual([]);
    },
    SLOW,
  );

  it(
    'uses the Redis of REDIS_URL, serves HTTPS for all, and leaves nothing behind where it is killed itself',
    async () => {
      const { ca, cert, key } = await selfSigned();
      const system = await cluster({
        REDIS_URL: redisUrl(),
        REDIS_PREFIX: `start-cluster-${Date.now()}`,
        SSL_ENABLED: 'true',
        SSL_CERT_PATH: cert,
        SSL_KEY_PATH: key,
      });
      const { origin } = new URL(system.health('balancer'));
      expect(origin).toMatch(/^https:/);
      const tokens = new Tokens(DEVELOPMENT_JWT_SECRET);
      const client = await connect(origin, tokens.of('customer', 1), { ca });
      // A service that tells of it has to trust the balancer.
      const ordered = await call('POST', `${new URL(system.health('gateway-b')).origin}/order/orders`, {
        token: tokens.of('customer', 1),
        body: { addressId: 1, items: [{ productId: 1, quantity: 1, price: 89.9 }] },
      });
      expect(ordered.status).toBe(201);
      await client.waitFor('order_update', 1, 20_000);
      client.socket.disconnect();

      const all = processes(system.process.pid);
      expect(all.filter(({ args }) => args.includes('redis-server'))).toEqual([]);
      expect(all.length).toBeGreaterThanOrEqual(8);
      system.process.kill('SIGKILL');
      await until('everything is gone', () => !all.some(({ pid }) => isAlive(pid)));
    },
    SLOW,
  );

  it('says that the Redis of REDIS_URL does not answer, without its password, and starts nothing', async () => {
    const system = await start({ REDIS_URL: 'redis://oms:hunter2@127.0.0.1:1' }, undefined, CLUSTER);
    expect(await system.ended).toBe(1);
    expect(system.stdout()).toContain(
      'REDIS_URL names a Redis that cannot be used. Redis at 127.0.0.1:1: ECONNREFUSED',
    );
    expect(system.stdout()).not.toContain('Starting');
    expect(system.stdout() + system.stderr()).not.toContain('hunter2');
  });

  it('names a taken port, and the variable that moves it', async () => {
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as AddressInfo;
    const system = await start({ PORT_B: String(port) }, undefined, CLUSTER);
    expect(await system.ended).toBe(1);
    expect(system.stderr()).toContain(`Port ${port}, for gateway-b, is taken`);
    expect(system.stderr()).toContain('PORT_B=<port> npm run start:cluster');
  });
});
