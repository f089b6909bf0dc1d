import { beforeAll, describe, expect, it } from '@jest/globals';
import { Fleet } from '../../chaos/harness/fleet.js';
import { GatewayProcess } from '../../chaos/harness/gateway-process.js';
import { Publisher } from '../../chaos/harness/publisher.js';
import { until } from '../../infra/until.js';
import { connect } from '../../support/client.js';
import { allDelivered, post } from '../../support/notify.js';
import { call, type Refusal } from '../services/helpers/http.js';
import { startNginx } from './nginx.js';
import { shared } from './nodes.js';

const CUSTOMERS = Array.from({ length: 18 }, (_, index) => 100 + index);
const WATCHERS = 3;
const RATE = 50;
/** A request that a gateway took with it when it was killed: nobody knows what became of it, and it is sent again. */
const LOST = 502;

type Name = 'a' | 'b';

describe('nginx before two gateways', () => {
  let nodes: Record<Name, GatewayProcess>;
  let url: string;
  const start = (settings: Record<string, string>, name: Name): Promise<GatewayProcess> =>
    GatewayProcess.start({ ...settings, NODE_NAME: name, DRAIN_TIME: '500' });
  beforeAll(async () => {
    const settings = shared();
    const [a, b] = await Promise.all([start(settings, 'a'), start(settings, 'b')]);
    nodes = { a, b };
    url = await startNginx({ a: `127.0.0.1:${a.port}`, b: `127.0.0.1:${b.port}` });
  }, 60_000);

  it('spreads clients over both, and keeps each polling client with its own', async () => {
    const { tokens } = nodes.a;
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        connect(url, tokens.of('customer', index), { transports: [index % 2 ? 'polling' : 'websocket'] }),
      ),
    );
    // By the count of each: nobody was sent to a gateway that does not know it.
    const shares = await Promise.all([nodes.a, nodes.b].map(async (node) => (await node.stats()).connectedClients));
    expect(shares.reduce((sum, share) => sum + share)).toBe(8);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(3);
    for (let round = 0; round < 5; round++) await allDelivered({ url, tokens }, ...clients);
    for (const { socket } of clients) socket.disconnect();
  });

  it('hands on what is asked as it is, and answers in the same way itself', async () => {
    const { tokens } = nodes.a;
    const large = { userId: 1, type: 'user', title: 't', message: 'm'.repeat(1_200_000) };
    const refused = await post<Refusal>({ url, tokens }, '/websocket/broadcast', large);
    expect([refused.status, refused.body.error.code]).toEqual([413, 'payload_too_large']);
    const huge = { ...large, message: 'm'.repeat(3_000_000) };
    const byNginx = await post<Refusal>({ url, tokens }, '/websocket/broadcast', huge);
    expect(byNginx.status).toBe(413);
    expect(byNginx.body).toEqual(refused.body);
    // A service that is away: said by the gateway, and no reason to hold the gateway for dead.
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('GET', `${url}/cart`)));
    for (const { status, body } of answers) expect([status, body.error.code]).toEqual([503, 'unavailable']);
    expect((await call('GET', `${url}/websocket/health`)).status).toBe(200);
  });

  it('lets every client go on at the other gateway when theirs is killed or drained: nothing is lost', async () => {
    const { tokens } = nodes.a;
    const fleet = await Fleet.connect({ url, tokens, userIds: CUSTOMERS, watchers: WATCHERS });
    const publisher = new Publisher(() => url, tokens, CUSTOMERS, [LOST]);
    let going = true;
    const publishing = publisher.run(RATE, () => going);
    const all = (name: Name): boolean =>
      fleet.connected() && fleet.members.every(({ client }) => client.socket.io.engine.id.startsWith(`${name}-`));

    const leave = async (name: Name, how: 'kill' | 'drain'): Promise<void> => {
      const before = publisher.ledger.size;
      await until('events flow', () => publisher.ledger.size > before + RATE / 2);
      await nodes[name][how]();
      const other = name === 'a' ? 'b' : 'a';
      await until(`everyone is with ${other}`, () => all(other));
      expect((await fetch(`${url}/websocket/health`)).status).toBe(200);
      await nodes[name].start();
    };
    await leave('a', 'kill');
    await leave('b', 'kill');
    await leave('a', 'drain');
    going = false;
    await publishing;
    expect(publisher.faults).toEqual([]);
    expect(await fleet.problems(url, publisher.ledger)).toEqual([]);
  }, 120_000);
});
