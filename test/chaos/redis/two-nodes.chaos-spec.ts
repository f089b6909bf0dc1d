import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../infra/until.js';
import { Balancer } from '../harness/balancer.js';
import { Fleet } from '../harness/fleet.js';
import { GatewayProcess } from '../harness/gateway-process.js';
import { Publisher } from '../harness/publisher.js';
import { say } from '../harness/say.js';
import { TcpProxy } from '../harness/tcp-proxy.js';

const RATE = 200;
const CUSTOMERS = Array.from({ length: 25 }, (_, index) => 2_000 + index);
const WATCHERS = 5;
const CUT_OFF = 10_000;

interface Node {
  gateway: GatewayProcess;
  /** Between this node and Redis. */
  toRedis: TcpProxy;
}

describe(`two nodes behind a balancer, under ${RATE} events/s and 30 stock clients`, () => {
  let nodes: Node[];
  let balancer: Balancer;
  let fleet: Fleet;
  let publisher: Publisher;
  let attempts = 0;

  beforeAll(async () => {
    const { hostname, port } = new URL(process.env['REDIS_URL'] ?? '');
    expect(hostname).toBe('127.0.0.1');
    const shared = {
      JWT_SECRET: randomBytes(24).toString('hex'),
      REDIS_PREFIX: `nodes-${randomBytes(6).toString('hex')}`,
      DRAIN_TIME: '500',
    };
    const node = async (): Promise<Node> => {
      const toRedis = await TcpProxy.start(Number(port));
      const gateway = await GatewayProcess.start({ ...shared, REDIS_URL: `redis://127.0.0.1:${toRedis.port}` });
      return { gateway, toRedis };
    };
    nodes = [await node(), await node()];
    balancer = await Balancer.start(nodes.map(({ gateway }) => gateway.port));
    const [{ gateway }] = nodes as [Node];
    const { tokens } = gateway;
    fleet = await Fleet.connect({ url: balancer.url, tokens, userIds: CUSTOMERS, watchers: WATCHERS });
    // Each attempt goes to the next node, as a balancer would have it.
    publisher = new Publisher(() => nodes[attempts++ % 2]?.gateway.url ?? '', tokens, CUSTOMERS);
  }, 60_000);

  afterAll(() => fleet.close());

  /** Publishes while `trouble` is made; then everyone must have everything. */
  async function under(trouble: () => Promise<void>): Promise<void> {
    balancer.spread();
    for (const { client } of fleet.members) client.socket.io.engine.close();
    await until('everyone is back', () => fleet.connected());
    expect(Math.min(...balancer.shares())).toBeGreaterThan(10);
    let troubled = true;
    const before = publisher.ledger.size;
    const publishing = publisher.run(RATE, () => troubled);
    await until('events flow', () => publisher.ledger.size >= before + 100);
    try {
      await trouble();
    } finally {
      troubled = false;
    }
    await publishing;
    expect(publisher.faults).toEqual([]);
    expect(await fleet.problems(balancer.url, publisher.ledger)).toEqual([]);
    say(`${publisher.summary()}; ${fleet.reconnects()} reconnects; clients by node: ${balancer.shares().join(', ')}`);
  }

  const flows = async (): Promise<void> => {
    const before = publisher.ledger.size;
    await until('events flow', () => publisher.ledger.size >= before + 60);
  };

  it('lose nothing when either is killed, one after the other', async () => {
    await under(async () => {
      for (const { gateway } of [...nodes, ...nodes, ...nodes]) {
        await gateway.kill();
        // All clients, also those of the dead one, are served by the other.
        await until('everyone is back', () => fleet.connected());
        await flows();
        await gateway.start();
      }
    });
    expect(fleet.reconnects()).toBeGreaterThan(fleet.members.length);
  }, 90_000);

  it('lose nothing when either is drained', async () => {
    await under(async () => {
      for (const { gateway } of [...nodes, ...nodes]) {
        expect(await gateway.drain()).toBe(0);
        await until('everyone is back', () => fleet.connected());
        await flows();
        await gateway.start();
      }
    });
  }, 90_000);

  it.each([
    ['goes on where it was', (proxy: TcpProxy) => proxy.heal()],
    ['never answers on the old connections', (proxy: TcpProxy) => proxy.forget()],
  ])(
    'lose nothing when either is cut off from Redis for 10 s, and the network %s',
    async (_how, restore) => {
      for (const { gateway, toRedis } of nodes) {
        await under(async () => {
          const end = Date.now() + CUT_OFF;
          toRedis.partition();
          // A node that delivers nothing must not look well.
          await until('its health is red', async () => (await gateway.health()) === 503);
          await flows();
          await sleep(Math.max(0, end - Date.now()));
          restore(toRedis);
          await until('its health is green', async () => (await gateway.health()) === 200);
          await flows();
        });
      }
    },
    120_000,
  );
});
