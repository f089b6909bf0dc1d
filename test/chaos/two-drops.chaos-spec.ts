import { beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../infra/until.js';
import { Fleet } from './harness/fleet.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { Publisher } from './harness/publisher.js';
import { TcpProxy } from './harness/tcp-proxy.js';

/** Nine customers and three admins: each transport serves three and one of them. */
const CUSTOMERS = Array.from({ length: 9 }, (_, index) => 200 + index);
const WATCHERS = 3;

describe('two network drops in quick succession, the first half-open', () => {
  let gateway: GatewayProcess;
  let proxy: TcpProxy;
  let fleet: Fleet;
  let publisher: Publisher;

  beforeAll(async () => {
    // The server notices a half-open connection some eight seconds late: after the second drop. Clients are told
    // these numbers, too.
    gateway = await GatewayProcess.start({ WS_PING_INTERVAL: '1000', WS_PING_TIMEOUT: '7000' });
    proxy = await TcpProxy.start(gateway.port);
    const { url, tokens } = { url: proxy.url, tokens: gateway.tokens };
    fleet = await Fleet.connect({ url, tokens, userIds: CUSTOMERS, watchers: WATCHERS, timeout: 1_000 });
    publisher = new Publisher(() => gateway.url, tokens, CUSTOMERS);
  }, 60_000);

  /** Connections that the gateway believes in. */
  const believed = async (): Promise<number> => (await gateway.stats()).connectedClients;

  it('leaves every socket receiving, also when the server notices the first drop after the second', async () => {
    const everyone = fleet.members.length;
    await publisher.post(90);

    proxy.partition();
    // The device has noticed that its network is gone; the server cannot know.
    for (const { client } of fleet.members) client.socket.io.engine.close();
    await publisher.post(90);
    proxy.forget();
    await until('everyone is back', () => fleet.connected());
    expect(await believed()).toBe(2 * everyone);

    proxy.refuse();
    await until('everyone has noticed', () => fleet.members.every(({ client }) => !client.socket.connected));
    await publisher.post(90);
    proxy.admit();
    await until('everyone is back', () => fleet.connected());
    await publisher.post(90);
    // Only now are the first connections given up: with them, their rooms must not go from the new ones.
    expect(await believed()).toBeGreaterThan(everyone);
    await until('the server has noticed the first drop', async () => (await believed()) === everyone);
    await publisher.post(90);

    expect(publisher.faults).toEqual([]);
    expect(await fleet.problems(gateway.url, publisher.ledger)).toEqual([]);
    expect(fleet.reconnects()).toBe(2 * everyone);
  }, 60_000);

  it('brings everyone back who finds out by silence alone', async () => {
    const before = fleet.reconnects();
    proxy.partition();
    await publisher.post(90);
    proxy.forget();
    await until('everyone has missed the pings', () => fleet.reconnects() >= before + fleet.members.length);
    await publisher.post(90);
    expect(await fleet.problems(gateway.url, publisher.ledger)).toEqual([]);
  }, 60_000);
});
