import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayHealth } from '@lib/events';
import type { Server } from '../../infra/server.js';
import { connect, refusedConnection, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered, post } from '../../support/notify.js';
import { eventually } from '../services/helpers/eventually.js';
import { call, type Refusal } from '../services/helpers/http.js';
import { ask, notify, numbers, ownRedis, shared, twoNodes, upTo, type Nodes } from './nodes.js';

/** Milliseconds within which every request is answered while Redis is away: what RedisLink promises, and some for a busy machine. */
const BOUND = 5_000;

const health = async (node: RunningGateway) => {
  const { status, body } = await call<GatewayHealth>('GET', `${node.url}/websocket/health`);
  return { code: status, status: body.status, reason: body.reason };
};
const DEGRADED = { code: 503, status: 'DEGRADED', reason: 'the journal does not answer' };
const OK = { code: 200, status: 'OK', reason: undefined };

async function timed<T>(work: Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work;
  expect(performance.now() - began).toBeLessThan(BOUND);
  return result;
}

interface Outage {
  name: string;
  begin: (redis: Server) => Promise<void> | void;
  end: (redis: Server) => Promise<void> | void;
}
const OUTAGES: Outage[] = [
  { name: 'is killed', begin: (redis) => redis.kill(), end: (redis) => redis.restart() },
  { name: 'answers nothing any more', begin: (redis) => redis.freeze(), end: (redis) => redis.thaw() },
];

describe('two gateways', () => {
  let redis: Server & { url: string };
  let nodes: Nodes;
  beforeAll(async () => {
    redis = await ownRedis();
    nodes = await twoNodes(shared(redis.url));
  });

  it.each(OUTAGES)(
    'say so while Redis $name, refuse what they cannot keep, and go on afterwards by themselves',
    async ({ name, begin, end }) => {
      const { a, b, tokens } = nodes;
      const both = [a, b];
      const userId = name.length;
      const token = tokens.of('customer', userId);
      const clients = await Promise.all(both.map(({ url }) => connect(url, token)));
      await notify(a, userId, 0, 2);
      await Promise.all(clients.map((client) => client.waitFor('user_notification', 2)));

      await begin(redis);
      const notice = { type: 'user.notified', data: { userId, kind: 'n', title: 't', message: '2' } };
      const again = { headers: { 'idempotency-key': `while-redis-${userId}` } };
      const refuse = async (node: RunningGateway): Promise<void> => {
        const answer = await timed(post<Refusal>(node, '/events', notice, again));
        expect(answer.status).toBe(503);
        expect(answer.body.error.code).toBe('unavailable');
        expect(answer.headers.get('retry-after')).toBe('1');
      };
      // At once, when nobody has noticed yet; and when everybody has.
      await Promise.all(both.map(refuse));
      await eventually(async () => expect(await Promise.all(both.map(health))).toEqual([DEGRADED, DEGRADED]));
      await Promise.all(both.map(refuse));
      // Together with what a client of the library may ask.
      for (const path of ['/websocket/stats', '/websocket/users/online', `/websocket/users/${userId}/online`])
        expect((await timed(ask(a, path))).status).toBe(503);
      for (const { url } of both)
        expect(await timed(refusedConnection(url, { auth: { token } }))).toMatchObject({ type: 'TransportError' });
      expect(clients.every(({ socket }) => socket.connected)).toBe(true);

      await end(redis);
      await eventually(async () => expect(await Promise.all(both.map(health))).toEqual([OK, OK]), 20_000);
      // Kept or not when its answer was lost: sent again, it is there once.
      expect((await post(a, '/events', notice, again)).status).toBe(202);
      await notify(b, userId, 3, 5);
      const late = await connect(b.url, token);
      await allDelivered(a, ...clients, late);
      for (const client of clients) expect(numbers(client)).toEqual(upTo(5));
      expect(clients.flatMap((client: TestClient) => client.of('resync_required'))).toEqual([]);
    },
    90_000,
  );

  it('start while Redis is away, say so, and let clients in as soon as it is there', async () => {
    await redis.kill();
    const node = await runGateway(shared(redis.url));
    expect(await health(node)).toEqual(DEGRADED);
    const token = node.tokens.of('customer', 1);
    await refusedConnection(node.url, { auth: { token } });
    await redis.restart();
    await eventually(async () => expect(await health(node)).toEqual(OK), 20_000);
    const client = await connect(node.url, token);
    await notify(node, 1, 0, 1);
    await client.waitFor('user_notification');
  }, 60_000);
});
