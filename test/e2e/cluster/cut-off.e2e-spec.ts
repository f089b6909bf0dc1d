import { describe, expect, it } from '@jest/globals';
import { connect, refusedConnection } from '../../support/client.js';
import { allDelivered } from '../../support/notify.js';
import { proxyTo } from '../redis/proxy.js';
import { eventually } from '../services/helpers/eventually.js';
import { call } from '../services/helpers/http.js';
import { atEnd } from '../services/helpers/teardown.js';
import { notify, numbers, shared, twoNodes, upTo } from './nodes.js';

const statusOf = async (url: string): Promise<number> => (await fetch(`${url}/websocket/health`)).status;

describe('a gateway that is cut off from Redis', () => {
  it('is red while the other is green, and hands its sockets everything in order when it is back', async () => {
    const settings = shared();
    const network = await proxyTo(settings.REDIS_URL);
    atEnd(async () => network[Symbol.asyncDispose]());
    const { a, b, tokens } = await twoNodes(settings, { REDIS_URL: network.url });
    const [cutOff, other] = await Promise.all(
      [a, b].map(({ url }) => connect(url, tokens.of('customer', 1), { reconnection: true })),
    );
    if (!cutOff || !other) throw new Error('not connected');
    await notify(b, 1, 0, 5);
    await cutOff.waitFor('user_notification', 5);

    network.silence();
    await notify(b, 1, 5, 200);
    await other.waitFor('user_notification', 200);
    await eventually(async () => expect(await statusOf(a.url)).toBe(503));
    expect(await statusOf(b.url)).toBe(200);
    expect(numbers(cutOff)).toEqual(upTo(5));

    network.resume();
    network.cut();
    await eventually(async () => expect(await statusOf(a.url)).toBe(200), 20_000);
    await notify(a, 1, 200, 205);
    await allDelivered(a, cutOff, other);
    for (const client of [cutOff, other]) {
      expect(numbers(client)).toEqual(upTo(205));
      // Over the connection that it had: nobody has to come back for an outage of Redis.
      expect(client.of('connected')).toHaveLength(1);
      expect(client.of('resync_required')).toEqual([]);
    }
  }, 60_000);

  it('sends away who was revoked meanwhile, as soon as it hears of it', async () => {
    const settings = shared();
    const network = await proxyTo(settings.REDIS_URL);
    atEnd(async () => network[Symbol.asyncDispose]());
    const { a, b, tokens } = await twoNodes(settings, { REDIS_URL: network.url });
    const auth = { token: tokens.of('customer', 1) };
    const [revoked, other] = await Promise.all([connect(a.url, auth.token), connect(a.url, tokens.of('customer', 2))]);

    network.silence();
    const token = tokens.of('admin', 'operator');
    const answer = await call('POST', `${b.url}/websocket/users/1/disconnect`, { token, body: { revoke: true } });
    expect(answer.status).toBe(204);
    await eventually(async () => expect(await statusOf(a.url)).toBe(503));
    // It cannot tell the others, and does not claim to have.
    const refused = await call('POST', `${a.url}/websocket/users/3/disconnect`, { token, body: {} });
    expect(refused.status).toBe(503);
    expect(revoked.socket.connected).toBe(true);

    const ended = revoked.ended(20_000);
    network.resume();
    network.cut();
    await ended;
    await eventually(async () => expect(await statusOf(a.url)).toBe(200), 20_000);
    expect((await refusedConnection(a.url, { auth })).data).toEqual({ code: 'token_invalid' });
    await allDelivered(a, other);
  }, 60_000);
});
