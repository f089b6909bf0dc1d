import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayStats } from '@lib/events';
import { SHARED_STATE, type SharedState } from '@lib/realtime';
import { connect, refusedConnection } from '../../support/client.js';
import { allDelivered } from '../../support/notify.js';
import { eventually } from '../services/helpers/eventually.js';
import { call } from '../services/helpers/http.js';
import type { RunningGateway } from '../../support/gateway.js';
import { ask, twoNodes, type Nodes } from './nodes.js';

interface Online {
  online: boolean;
  connections: number;
  lastSeenAt?: string;
}

const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0);
const both = (one: object): unknown[] => [expect.objectContaining(one), expect.objectContaining(one)];
const statsOf = async (node: RunningGateway): Promise<GatewayStats> =>
  (await ask<GatewayStats>(node, '/websocket/stats')).body;

/** A promise, and what resolves it. */
function signal(): { promise: Promise<void>; resolve: () => void } {
  const made = { promise: Promise.resolve(), resolve: () => {} };
  made.promise = new Promise<void>((done) => void (made.resolve = done));
  return made;
}

describe('the users of two gateways', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await twoNodes();
  });

  it('are online on both, with their connections counted over both', async () => {
    const { a, b, tokens } = nodes;
    const of = (userId: number) =>
      Promise.all([a, b].map(async (node) => (await ask<Online>(node, `/websocket/users/${userId}/online`)).body));
    const token = tokens.of('customer', 41);
    const [first, second] = await Promise.all([a, a, b].map(({ url }) => connect(url, token)));
    const last = await connect(b.url, tokens.of('customer', 42));

    await eventually(async () => expect(await of(41)).toEqual(both({ online: true, connections: 3 })));
    for (const node of [a, b]) {
      const { body } = await ask<{ count: number; users: number[] }>(node, '/websocket/users/online');
      expect(body).toMatchObject({ count: 2, users: [41, 42] });
      const page = await ask<{ count: number; users: number[] }>(node, '/websocket/users/online?limit=1&offset=1');
      expect(page.body).toMatchObject({ count: 2, users: [42] });
    }
    first?.socket.disconnect();
    second?.socket.disconnect();
    await eventually(async () => expect(await of(41)).toEqual(both({ online: true, connections: 1 })));
    last.socket.disconnect();
    const seen: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    await eventually(async () =>
      expect(await of(42)).toEqual(both({ online: false, connections: 0, lastSeenAt: seen })),
    );
    // Both say the same time.
    expect(new Set((await of(42)).map(({ lastSeenAt }) => lastSeenAt)).size).toBe(1);
  });

  it('are counted per node and over both', async () => {
    const { a, b, tokens } = nodes;
    const [beforeA, beforeB] = await Promise.all([a, b].map(statsOf));
    const clients = await Promise.all([a, b, b].map(({ url }) => connect(url, tokens.of('customer', 51))));
    await allDelivered(a, ...clients);
    // What a node knows of the other is some seconds old.
    await eventually(async () => {
      const stats = await Promise.all([a, b].map(statsOf));
      const own = [1, 2].map((more, index) => more + ([beforeA, beforeB][index]?.connectedClients ?? 0));
      // Outside, what the node itself has.
      expect(stats.map(({ connectedClients }) => connectedClients)).toEqual(own);
      for (const { nodes: each, total } of stats) {
        const counts = Object.values(each);
        expect(counts.map(({ connectedClients }) => connectedClients).sort((x, y) => x - y)).toEqual(
          own.toSorted((x, y) => x - y),
        );
        expect(total.connectedClients).toBe(sum(own));
        expect(total.messagesOut).toBe(sum(counts.map(({ messagesOut }) => messagesOut)));
        // To each of the clients: the confirmation, and the announcement.
        expect(total.messagesOut).toBeGreaterThanOrEqual(6);
      }
    });
  });

  it('are disconnected everywhere by one request, and may come back', async () => {
    const { a, b, tokens } = nodes;
    const token = tokens.of('customer', 61);
    const clients = await Promise.all([a, b].map(({ url }) => connect(url, token)));
    const other = await connect(b.url, tokens.of('customer', 62));
    const ended = clients.map((client) => client.ended());
    const answer = await call('POST', `${a.url}/websocket/users/61/disconnect`, {
      token: tokens.of('admin', 'operator'),
      body: {},
    });
    expect(answer.status).toBe(204);
    // The connection ends, and not the client: a stock one comes back by itself.
    expect(await Promise.all(ended)).toEqual(['transport close', 'transport close']);
    expect(other.socket.connected).toBe(true);
    await connect(b.url, token);
  });

  it('are refused everywhere when one node revokes them, also where they had been let in', async () => {
    const { a, b, tokens } = nodes;
    const token = tokens.of('customer', 71);
    const inside = await connect(b.url, token);
    const ended = inside.ended();
    const answer = await call('POST', `${a.url}/websocket/users/71/disconnect`, {
      token: tokens.of('admin', 'operator'),
      body: { revoke: true },
    });
    expect(answer.status).toBe(204);
    await ended;
    for (const { url } of [a, b]) {
      expect((await refusedConnection(url, { auth: { token } })).data).toEqual({ code: 'token_invalid' });
    }
    await connect(b.url, tokens.of('customer', 72));
  });

  it('are refused, too, where they are just on the way in', async () => {
    const { a, b, tokens } = nodes;
    const RECONNECT = { reconnection: true, reconnectionDelay: 20, transports: ['websocket'] };
    const client = await connect(b.url, tokens.of('customer', 81), RECONNECT);
    // Holds it between the check for revocation and its being let in.
    const { sessions } = b.app.get<SharedState>(SHARED_STATE);
    const find = sessions.find.bind(sessions);
    const arrived = signal();
    const gate = signal();
    sessions.find = async (pid) => {
      arrived.resolve();
      await gate.promise;
      return find(pid);
    };
    client.socket.io.engine.close();
    await arrived.promise;
    const refused = new Promise<Error & { data?: unknown }>((done) => client.socket.once('connect_error', done));
    const token = tokens.of('admin', 'operator');
    const path = '/websocket/users/81/disconnect';
    expect((await call('POST', a.url + path, { token, body: { revoke: true } })).status).toBe(204);
    const other = await connect(b.url, tokens.of('customer', 82));
    await allDelivered(a, other);
    sessions.find = find;
    gate.resolve();
    expect((await refused).data).toEqual({ code: 'token_invalid' });
    expect(client.of('connected')).toHaveLength(1);
    expect(client.of('system_notification')).toEqual([]);
  });
});
