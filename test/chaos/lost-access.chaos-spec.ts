import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../e2e/services/helpers/http.js';
import { until } from '../infra/until.js';
import { connect, type TestClient } from '../support/client.js';
import { RECONNECT, received, TRANSPORTS, type TransportName } from './harness/fleet.js';
import { differences } from './harness/ledger.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { Publisher } from './harness/publisher.js';
import { TcpProxy } from './harness/tcp-proxy.js';

/** What a refused client is sent: the refusal, as the only Socket.IO packet, and nothing before or after it. */
const REFUSAL = /^4\/events,\{/;

/** Everything that the server says on the client's later connections: raw Engine.IO packets, before anybody reads them. */
function tapLaterConnections(client: TestClient): { messages: string[]; opened: number } {
  const tap = { messages: [] as string[], opened: 0 };
  const manager = client.socket.io;
  manager.on('open', () => {
    tap.opened++;
    manager.engine.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
      if (type === 'message') tap.messages.push(String(data));
    });
  });
  return tap;
}

describe.each(Object.keys(TRANSPORTS) as TransportName[])(
  'a client over %s that lost its access while away',
  (name) => {
    let gateway: GatewayProcess;
    let proxy: TcpProxy;
    const transports = [...TRANSPORTS[name]];
    let nextUser = { websocket: 300, polling: 400, upgrade: 500 }[name];

    beforeAll(async () => {
      gateway = await GatewayProcess.start();
      proxy = await TcpProxy.start(gateway.port);
    }, 60_000);

    beforeEach(() => proxy.admit());

    /** Connected through the proxy, with ten events received; then cut off while ten more come. */
    async function cutOff(userId: number, token: string, meanwhile: () => Promise<unknown>) {
      const publisher = new Publisher(() => gateway.url, gateway.tokens, [userId]);
      const client = await connect(proxy.url, token, { ...RECONNECT, transports });
      await publisher.post(10);
      await client.until(() => received(client).length >= 15, 'first ten events', 10_000);
      const tap = tapLaterConnections(client);
      proxy.refuse();
      await meanwhile();
      await publisher.post(10);
      const refused = new Promise<{ data?: { code?: string } }>((resolve) => {
        client.socket.on('connect_error', (error) => {
          // Those of the network come before; only the gateway's own has data.
          if ('data' in error) resolve(error);
        });
      });
      const before = client.received.length;
      proxy.admit();
      return { client, publisher, tap, refused, before };
    }

    /** A client that polls may have no connection open just now: it notices at its next request. */
    async function drop(client: TestClient): Promise<void> {
      proxy.refuse();
      await until('the client has noticed', () => !client.socket.connected);
      proxy.admit();
    }

    /** Asks the gateway over HTTP, which knows tokens by the same rules. */
    const accepts = async (token: string): Promise<boolean> =>
      (await call('GET', `${gateway.url}/websocket/users/online`, { token })).status !== 401;

    it('its token expired: is refused without one other frame, and gets all it missed with a new one', async () => {
      const userId = nextUser++;
      const token = gateway.tokens.of('customer', userId, 3);
      const { client, publisher, tap, refused, before } = await cutOff(userId, token, () =>
        until('the token has expired', async () => !(await accepts(token))),
      );
      expect((await refused).data).toEqual({ code: 'token_expired' });
      expect(tap.messages).toEqual([expect.stringMatching(REFUSAL)]);
      expect(tap.opened).toBe(1);
      expect(client.received.length).toBe(before);
      expect(client.socket.active).toBe(false);

      // What a front end does then: signs in again, and connects the same socket.
      client.socket.auth = { token: gateway.tokens.of('customer', userId) };
      client.socket.connect();
      await client.until(() => received(client).length >= 30, 'everything it missed', 10_000);
      await publisher.post(10);
      const wanted = publisher.ledger.of(userId);
      await client.until(() => received(client).length >= wanted.length, 'what came after', 10_000);
      expect(differences('client', received(client), wanted)).toEqual([]);
      expect(client.of('resync_required')).toEqual([]);
    }, 60_000);

    it('its token was revoked: is refused without one other frame', async () => {
      const userId = nextUser++;
      const { client, tap, refused, before } = await cutOff(userId, gateway.tokens.of('customer', userId), async () => {
        const answer = await call('POST', `${gateway.url}/websocket/users/${userId}/disconnect`, {
          token: gateway.tokens.of('admin', 1),
          body: { revoke: true },
        });
        expect(answer.status).toBe(204);
      });
      expect((await refused).data).toEqual({ code: 'token_invalid' });
      expect(tap.messages).toEqual([expect.stringMatching(REFUSAL)]);
      expect(client.received.length).toBe(before);
    }, 60_000);

    it('its token was revoked and the gateway killed since: is refused all the same', async () => {
      const userId = nextUser++;
      const { tap, refused } = await cutOff(userId, gateway.tokens.of('customer', userId), async () => {
        const answer = await call('POST', `${gateway.url}/websocket/users/${userId}/disconnect`, {
          token: gateway.tokens.of('admin', 1),
          body: { revoke: true },
        });
        expect(answer.status).toBe(204);
        await gateway.kill();
        await gateway.start();
      });
      expect((await refused).data).toEqual({ code: 'token_invalid' });
      expect(tap.messages).toEqual([expect.stringMatching(REFUSAL)]);
    }, 60_000);

    it('it comes back as somebody else: gets nothing of who it was', async () => {
      const [userId, other] = [nextUser++, nextUser++];
      const publisher = new Publisher(() => gateway.url, gateway.tokens, [userId, other]);
      const client = await connect(proxy.url, gateway.tokens.of('customer', userId), { ...RECONNECT, transports });
      await publisher.post(4);
      await client.until(() => received(client).length >= 3, 'first events', 10_000);
      const before = received(client).length;
      const tap = tapLaterConnections(client);
      // The socket keeps its pid and position, which are the other user's.
      client.socket.auth = { token: gateway.tokens.of('customer', other) };
      await drop(client);
      await client.until(() => client.of('connected').length === 2, 'new confirmation', 10_000);
      await publisher.post(4);
      const ofOther = (): string[] => received(client).slice(before);
      await client.until(() => ofOther().length >= 3, 'events of the new user', 10_000);
      expect(ofOther().filter((message) => !message.includes(` ${other}#`))).toEqual([]);
      expect(tap.messages.filter((message) => message.includes(`${userId}#`))).toEqual([]);
      // What it showed of the user before is not this user's: it must load anew.
      expect(client.of('resync_required')).toEqual([{ reason: 'session' }]);
    }, 60_000);

    it('it is no admin any more: its subscription to every order does not come back', async () => {
      const [userId, owner] = [nextUser++, nextUser++];
      const publisher = new Publisher(() => gateway.url, gateway.tokens, [owner, userId]);
      const client = await connect(proxy.url, gateway.tokens.of('admin', userId), { ...RECONNECT, transports });
      await client.ask('subscribe_to_orders');
      await publisher.post(4);
      const ofOwner = (): string[] => received(client).filter((message) => message.includes(` ${owner}#`));
      await client.until(() => ofOwner().length === 1, 'an order of somebody else', 10_000);
      client.socket.auth = { token: gateway.tokens.of('customer', userId) };
      const tap = tapLaterConnections(client);
      await drop(client);
      await publisher.post(20);
      const wanted = publisher.ledger.of(userId);
      const own = (): string[] => received(client).filter((message) => message.includes(` ${userId}#`));
      await client.until(() => own().length >= wanted.length, 'its own events', 10_000);
      expect(own()).toEqual(wanted);
      expect(ofOwner()).toHaveLength(1);
      expect(tap.messages.filter((message) => message.includes(`${owner}#`))).toEqual([]);
    }, 60_000);
  },
);
