import { describe, expect, it } from '@jest/globals';
import { call } from '../e2e/services/helpers/http.js';
import { connect, type TestClient } from '../support/client.js';
import { RECONNECT, received, TRANSPORTS } from './harness/fleet.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { trimJournal } from './harness/journal-settings.js';
import { differences } from './harness/ledger.js';
import { Publisher } from './harness/publisher.js';
import { TcpProxy } from './harness/tcp-proxy.js';

const QUIET = 600;
/** An hour of events for others: more than memory holds, so that the journal itself is read. */
const HOUR = 20_000;
const BATCH = 1_000;

async function anHourOfOthers(gateway: GatewayProcess, count = HOUR): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    const body = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => ({
      type: 'user.notified',
      data: { userId: 10_000 + ((first + index) % 500), kind: 'other', title: 'Of others', message: 'not for you' },
    }));
    const token = gateway.tokens.of('service', 'others');
    expect((await call('POST', `${gateway.url}/events`, { token, body })).status).toBe(202);
  }
}

/** A client that connects, receives nothing but its confirmation, and loses its network. */
async function quietClients(gateway: GatewayProcess): Promise<{ clients: TestClient[]; proxy: TcpProxy }> {
  const proxy = await TcpProxy.start(gateway.port);
  const token = gateway.tokens.of('customer', QUIET);
  const clients = await Promise.all(
    Object.values(TRANSPORTS).map((transports) =>
      connect(proxy.url, token, { ...RECONNECT, transports: [...transports] }),
    ),
  );
  proxy.refuse();
  return { clients, proxy };
}

describe('a client that has received nothing since it connected, and is away for an hour of events', () => {
  it.each(['stays', 'is killed meanwhile'])(
    'gets the few that were for it (the gateway %s)',
    async (fate) => {
      const gateway = await GatewayProcess.start();
      const { clients, proxy } = await quietClients(gateway);
      const publisher = new Publisher(() => gateway.url, gateway.tokens, [QUIET]);
      await publisher.post(3);
      await anHourOfOthers(gateway, HOUR / 2);
      await publisher.post(3);
      await anHourOfOthers(gateway, HOUR / 2);
      await publisher.post(3);
      if (fate !== 'stays') {
        await gateway.kill();
        await gateway.start();
      }
      proxy.admit();
      await Promise.all(clients.map((client) => client.waitFor('connected', 2, 20_000)));
      await publisher.post(3);
      const wanted = publisher.ledger.of(QUIET);
      for (const client of clients) {
        await client.until(() => received(client).length >= wanted.length, 'everything', 20_000);
        expect(differences('client', received(client), wanted)).toEqual([]);
        expect(client.of('resync_required')).toEqual([]);
      }
      await gateway.kill();
    },
    60_000,
  );

  it('is told to reload where more was for it than is replayed, and gets none of that', async () => {
    const gateway = await GatewayProcess.start({ WS_MAX_REPLAY: '10' });
    const { clients, proxy } = await quietClients(gateway);
    const publisher = new Publisher(() => gateway.url, gateway.tokens, [QUIET]);
    await publisher.post(8);
    await anHourOfOthers(gateway);
    await publisher.post(8);
    await expectReload(gateway, clients, proxy, publisher, 'too_large');
  }, 60_000);

  it('is told to reload where its place in the journal has been trimmed, and gets none of what is left', async () => {
    const gateway = await GatewayProcess.start();
    const { clients, proxy } = await quietClients(gateway);
    const publisher = new Publisher(() => gateway.url, gateway.tokens, [QUIET]);
    await publisher.post(3);
    await anHourOfOthers(gateway);
    await publisher.post(3);
    await gateway.kill();
    await trimJournal(gateway.settings, 1_000);
    await gateway.start();
    await expectReload(gateway, clients, proxy, publisher, 'trimmed');
  }, 60_000);
});

/** After `resync_required` comes what is new from then on, and nothing of before. */
async function expectReload(
  gateway: GatewayProcess,
  clients: readonly TestClient[],
  proxy: TcpProxy,
  publisher: Publisher,
  reason: string,
): Promise<void> {
  const before = publisher.ledger.of(QUIET).length;
  proxy.admit();
  await Promise.all(clients.map((client) => client.waitFor('resync_required', 1, 20_000)));
  await Promise.all(clients.map((client) => client.waitFor('connected', 2, 20_000)));
  await publisher.post(5);
  const wanted = publisher.ledger.of(QUIET).slice(before);
  for (const client of clients) {
    await client.until(() => received(client).length >= wanted.length, 'what is new', 10_000);
    expect(client.of('resync_required')).toEqual([{ reason }]);
    expect(received(client)).toEqual(wanted);
  }
  await gateway.kill();
}
