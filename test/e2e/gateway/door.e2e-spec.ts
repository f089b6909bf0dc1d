import { describe, expect, it } from '@jest/globals';
import { Drain } from '@lib/realtime';
import { connect, open, refusedConnection } from '../../support/client.js';
import { runGateway } from '../../support/gateway.js';
import { allDelivered } from '../../support/notify.js';
import { call } from '../services/helpers/http.js';

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';

describe('the door of a gateway', () => {
  it('names its node in the id of each connection, over both transports', async () => {
    const gateway = await runGateway({ NODE_NAME: 'n2' });
    const ids = await Promise.all(
      ['polling', 'websocket'].map(async (transport, index) => {
        const token = gateway.tokens.of('customer', index + 1);
        const client = await connect(gateway.url, token, { transports: [transport] });
        await allDelivered(gateway, client);
        return client.socket.io.engine.id;
      }),
    );
    for (const id of ids) expect(id).toMatch(/^n2-[\w-]{20}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it('keeps the id as it is where the gateway has no name', async () => {
    const gateway = await runGateway();
    const client = await connect(gateway.url, gateway.tokens.of('customer', 1));
    expect(client.socket.io.engine.id).toMatch(/^[\w-]{20}$/);
  });

  it('lets nobody in while the gateway drains, and does not break off who is in', async () => {
    const gateway = await runGateway();
    const token = gateway.tokens.of('customer', 1);
    const polling = await connect(gateway.url, token, { transports: ['polling'] });
    gateway.app.get(Drain).begin();

    const answer = await call('GET', gateway.url + HANDSHAKE, { headers: { origin: 'http://localhost:3001' } });
    expect(answer.status).toBe(503);
    expect(answer.body.error.code).toBe('unavailable');
    expect(answer.headers.get('retry-after')).toBe('1');
    // Else a browser could not tell this from a wrong address.
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3001');
    for (const transport of ['polling', 'websocket']) {
      // Of the transport, and so no reason for a stock client to give up.
      const refusal = await refusedConnection(gateway.url, { auth: { token }, transports: [transport] });
      expect(refusal).toMatchObject({ type: 'TransportError' });
    }
    expect(await polling.ask('ping')).toMatchObject({ ok: true });
  });

  it('keeps a stock client knocking until it opens', async () => {
    const gateway = await runGateway();
    const { tokens, url } = gateway;
    const drain: object & { started?: boolean } = gateway.app.get(Drain);
    drain.started = true;
    const auth = { token: tokens.of('customer', 1) };
    const client = open(url, { auth, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 50 });
    let attempts = 0;
    await new Promise<void>((done) => client.socket.io.on('reconnect_attempt', () => void (++attempts > 2 && done())));
    drain.started = false;
    await client.waitFor('connected');
  });
});
