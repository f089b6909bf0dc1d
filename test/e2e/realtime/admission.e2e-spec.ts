import { describe, expect, it } from '@jest/globals';
import { OmsError } from '@lib/events';
import { Dispatcher, SHARED_STATE, SqliteJournal, type SharedState } from '@lib/realtime';
import { Manager } from 'socket.io-client';
import { until } from '../../infra/until.js';
import { open, TestClient } from '../../support/client.js';
import { journalPath, runEngine } from '../../support/engine.js';
import { runGateway } from '../../support/gateway.js';
import { eventually } from '../services/helpers/eventually.js';

const RECONNECT = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 20, randomizationFactor: 0 };

describe('a client that knocks while nobody can be let in', () => {
  it('is let in by itself later, and none of its knocks is kept', async () => {
    const gateway = await runGateway();
    const { revocations } = gateway.app.get<SharedState>(SHARED_STATE);
    const isRevoked = revocations.isRevoked.bind(revocations);
    let refused = 0;
    revocations.isRevoked = () => {
      refused += 1;
      return Promise.reject(new OmsError('unavailable'));
    };
    const client = open(gateway.url, { ...RECONNECT, auth: { token: gateway.tokens.of('customer', 1) } });
    await until('it has knocked ten times', () => refused >= 10);
    revocations.isRevoked = isRevoked;
    await client.waitFor('connected');
    const namespaces = gateway.app.get(Dispatcher).all.map(({ namespace }) => namespace);
    // Where Socket.IO keeps a socket between its knock and its being let in.
    const knocking = () =>
      namespaces.map((one) => (Reflect.get(one, '_preConnectSockets') as Map<string, unknown>).size);
    await eventually(async () => expect(knocking()).toEqual(namespaces.map(() => 0)), 2_000);
  });
});

describe('a client of two contracts over one connection', () => {
  it('is known to the second by the headers of the connection, also when the first has let it in', async () => {
    const { url } = await runEngine({ journal: new SqliteJournal({ path: await journalPath() }) });
    const manager = new Manager(url, { reconnection: false, extraHeaders: { 'x-user': '7' } });
    const one = new TestClient(manager.socket('/one'));
    await one.waitFor('connected');
    const two = new TestClient(manager.socket('/two'));
    await two.waitFor('connected');
    expect(one.socket.connected).toBe(true);
  });
});
