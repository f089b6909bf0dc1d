import { beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { call } from '../services/helpers/http.js';
import { atEnd } from '../services/helpers/teardown.js';

/** A client written from the public protocol (Engine.IO 4, Socket.IO 5), which knows nothing of pids and positions. */
class BareClient {
  readonly received: string[] = [];
  private check = (): void => undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === '2') socket.send('3');
      else this.received.push(text);
      this.check();
    });
    atEnd(() => Promise.resolve(socket.terminate()));
  }

  static async open(url: string, query = ''): Promise<BareClient> {
    const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket${query}`;
    const client = new BareClient(new WebSocket(address));
    await new Promise((resolve) => client.socket.once('open', resolve));
    return client;
  }

  async next(start: string): Promise<string> {
    await new Promise<void>((resolve) => {
      this.check = () => {
        if (this.received.some((text) => text.startsWith(start))) resolve();
      };
      this.check();
    });
    return this.received.find((text) => text.startsWith(start)) ?? '';
  }
}

/** The packets that one polling request is answered with. */
const poll = async (url: string): Promise<string[]> => (await (await fetch(url)).text()).split('\x1e');

describe('the public protocol, to a client that knows nothing of resuming', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  const connected = async (userId: number): Promise<BareClient> => {
    const client = await BareClient.open(gateway.url);
    client.socket.send(`40/events,${JSON.stringify({ token: gateway.tokens.of('customer', userId) })}`);
    await client.next('42/events,["connected"');
    return client;
  };

  it('opens with the handshake of Engine.IO 4 and the connect packet of Socket.IO 5', async () => {
    const client = await connected(1);
    const [open = '', connect = ''] = client.received;
    expect(JSON.parse(open.slice(1))).toEqual({
      sid: expect.any(String),
      upgrades: [],
      pingInterval: 25_000,
      pingTimeout: 60_000,
      maxPayload: 1_000_000,
    });
    expect(JSON.parse(connect.slice('40/events,'.length))).toMatchObject({ sid: expect.any(String) });
  });

  it('delivers events as plain event packets, several of one write as frames of their own', async () => {
    const client = await connected(2);
    const events = [1, 2, 3].map((number) => ({
      type: 'user.notified',
      data: { userId: 2, kind: 'k', title: 't', message: `m${number} ünïcödé` },
    }));
    await call('POST', `${gateway.url}/events`, { token: gateway.tokens.of('service', 's'), body: events });
    await client.next('42/events,["user_notification"');
    while (client.received.filter((text) => text.includes('user_notification')).length < 3) {
      await new Promise((resolve) => client.socket.once('message', resolve));
    }
    const messages = client.received
      .filter((text) => text.includes('user_notification'))
      .map((text) => JSON.parse(text.slice('42/events,'.length)) as [string, { data: { message: string } }, string]);
    expect(messages.map(([, { data }]) => data.message)).toEqual(['m1 ünïcödé', 'm2 ünïcödé', 'm3 ünïcödé']);
  });

  it('answers an acknowledgement by its id, also to a binary event', async () => {
    const client = await connected(3);
    client.socket.send('42/events,7["ping"]');
    expect(JSON.parse((await client.next('43/events,7')).slice('43/events,7'.length))).toMatchObject([{ ok: true }]);
    client.socket.send('451-/events,8["unsubscribe",{"_placeholder":true,"num":0}]');
    client.socket.send(Buffer.from([1, 2, 3]));
    expect(JSON.parse((await client.next('43/events,8')).slice('43/events,8'.length))).toMatchObject([
      { ok: false, error: { code: 'invalid_payload' } },
    ]);
  });

  it('upgrades from polling in mid-stream, with nothing lost or out of order', async () => {
    const base = `${gateway.url}/socket.io/?EIO=4&transport=polling`;
    const [open = ''] = await poll(base);
    const { sid } = JSON.parse(open.slice(1)) as { sid: string };
    const session = `${base}&sid=${sid}`;
    await fetch(session, {
      method: 'POST',
      body: `40/events,${JSON.stringify({ token: gateway.tokens.of('customer', 4) })}`,
    });
    const seen: string[] = [];
    while (!seen.some((text) => text.includes('"connected"'))) seen.push(...(await poll(session)));

    const notify = (message: string) =>
      call('POST', `${gateway.url}/events`, {
        token: gateway.tokens.of('service', 's'),
        body: { type: 'user.notified', data: { userId: 4, kind: 'k', title: 't', message } },
      });
    await notify('1');
    const probing = await BareClient.open(gateway.url, `&sid=${sid}`);
    const polled = poll(session);
    probing.socket.send('2probe');
    await probing.next('3probe');
    await notify('2');
    seen.push(...(await polled));
    // The server lets a waiting poll go once it is probed; what comes until the upgrade is polled for, still.
    if (!seen.some((text) => text.includes('"message":"2"'))) seen.push(...(await poll(session)));
    probing.socket.send('5');
    await notify('3');
    await probing.next('42/events,["user_notification"');
    const all = [...seen, ...probing.received].filter((text) => text.includes('user_notification'));
    expect(all.map((text) => /"message":"(\d)"/.exec(text)?.[1])).toEqual(['1', '2', '3']);
  });
});
