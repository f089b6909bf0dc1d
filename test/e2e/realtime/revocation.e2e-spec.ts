import { beforeAll, describe, expect, it } from '@jest/globals';
import { SHARED_STATE, type SharedState } from '@lib/realtime';
import { connect, refusedConnection } from '../../support/client.js';
import { Gate } from '../../support/gate.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { call, type Answer, type Refusal } from '../services/helpers/http.js';

const RECONNECT = {
  reconnection: true,
  reconnectionDelay: 20,
  reconnectionDelayMax: 20,
  // One that polls is not there between two requests, and would be waited for in the end.
  transports: ['websocket'],
};

describe('a user whose tokens are revoked', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });
  const sendAway = (userId: number, body?: object): Promise<Answer<Refusal>> =>
    call('POST', `${gateway.url}/websocket/users/${userId}/disconnect`, {
      token: gateway.tokens.of('service', 'operator'),
      body,
    });

  it('is refused by every route, as by the sockets', async () => {
    const token = gateway.tokens.of('admin', 66);
    const ask = (): Promise<Answer<Refusal>> => call('GET', `${gateway.url}/websocket/stats`, { token });
    expect((await ask()).status).toBe(200);
    expect((await sendAway(66, { revoke: true })).status).toBe(204);
    expect(await ask()).toMatchObject({ status: 401, body: { success: false, error: { code: 'token_invalid' } } });
    expect((await refusedConnection(gateway.url, { auth: { token } })).data).toEqual({ code: 'token_invalid' });
  });

  it('counts as nobody where a route is for anyone, and tells more to who is trusted', async () => {
    const token = gateway.tokens.of('admin', 67);
    const seen = async (): Promise<object> =>
      (await call<{ stats: object }>('GET', `${gateway.url}/websocket/health`, { token })).body.stats;
    expect(await seen()).toHaveProperty('rooms');
    await sendAway(67, { revoke: true });
    expect(await seen()).not.toHaveProperty('rooms');
  });

  it('is not let in where it was just on the way, past the check', async () => {
    const { sessions } = gateway.app.get<SharedState>(SHARED_STATE);
    const client = await connect(gateway.url, gateway.tokens.of('customer', 2), RECONNECT);
    const find = sessions.find.bind(sessions);
    const asked = new Gate();
    const found = new Gate();
    sessions.find = async (pid) => {
      asked.open();
      await found.opened;
      return find(pid);
    };
    client.socket.io.engine.close();
    await asked.opened;
    const refused = new Promise<Error & { data?: unknown }>((resolve) => client.socket.once('connect_error', resolve));
    expect((await sendAway(2, { revoke: true })).status).toBe(204);
    sessions.find = find;
    found.open();
    expect((await refused).data).toEqual({ code: 'token_invalid' });
    expect(client.of('connected')).toHaveLength(1);
  });
});

describe('a user who is disconnected and not revoked', () => {
  it.each([
    ['no body', undefined],
    ['a body that does not say so', {}],
    ['a body that says so', { revoke: false }],
  ])('comes back by itself, asked for with %s', async (_, body) => {
    const gateway = await runGateway();
    const client = await connect(gateway.url, gateway.tokens.of('customer', 3), RECONNECT);
    const ended = client.ended();
    const token = gateway.tokens.of('service', 'operator');
    expect((await call('POST', `${gateway.url}/websocket/users/3/disconnect`, { token, body })).status).toBe(204);
    await ended;
    await client.waitFor('connected', 2);
  });
});
