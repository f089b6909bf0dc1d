import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { call } from '../services/helpers/http.js';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { accepted } from '../../support/notify.js';
import { HTTP_KINDS, oneWrongField } from './hostile/http-kinds.js';
import { MARKER, Random } from './hostile/random.js';
import { exchange, inParallel, statusesOf } from './hostile/raw.js';
import { PACKET_KINDS, polling } from './hostile/socket-kinds.js';

const SEED = 20_261_120;
const OF_EACH_HTTP_KIND = 40;
const OF_EACH_PACKET_KIND = 30;
const POLLING_REQUESTS = 150;
const WIDTH = 16;
/** What docs/errors.md knows below 500, and the successes. */
const DOCUMENTED = [100, 101, 200, 202, 204, 400, 401, 403, 404, 405, 408, 409, 413, 415, 417, 429, 431];

describe('the gateway under hostile requests and messages', () => {
  let gateway: RunningGateway;
  let good: TestClient;
  let port: number;
  let token: string;
  let sent = 0;
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);

  beforeAll(async () => {
    process.on('unhandledRejection', fail);
    process.on('uncaughtException', fail);
    gateway = await runGateway({ WS_MESSAGES_PER_MINUTE: '100000' });
    port = Number(new URL(gateway.url).port);
    token = gateway.tokens.of('service', 'hostile');
    good = await connect(gateway.url, gateway.tokens.of('admin', 1));
    await good.ask('subscribe_to_orders');
  });
  afterAll(() => {
    process.off('unhandledRejection', fail);
    process.off('uncaughtException', fail);
  });

  /** The client that does nothing wrong is served all the while. */
  const stillWell = async (): Promise<void> => {
    expect((await call('GET', `${gateway.url}/websocket/health`)).status).toBe(200);
    expect(await good.ask('ping')).toMatchObject({ ok: true });
    expect(failures).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  };

  const tellsNothing = (answer: string): void => {
    for (const secret of [MARKER, token, token.split('.')[2] ?? token, gateway.secret, '/work/', 'node_modules']) {
      expect(answer).not.toContain(secret);
    }
  };

  /** Sends each, and resolves with how many were answered at all. */
  const sendAll = async (requests: readonly Buffer[]): Promise<number> => {
    let answered = 0;
    await inParallel(requests, WIDTH, async (bytes) => {
      const answer = await exchange(port, bytes);
      sent++;
      if (answer !== '') answered++;
      for (const status of statusesOf(answer)) expect(DOCUMENTED).toContain(status);
      tellsNothing(answer);
    });
    await stillWell();
    return answered;
  };

  it.each(Object.keys(HTTP_KINDS))('HTTP: %s', async (name) => {
    const random = new Random(SEED + name.length * 7_919);
    const requests = Array.from({ length: OF_EACH_HTTP_KIND }, () => HTTP_KINDS[name]?.(random, token) ?? Buffer.of());
    // Bytes without an end are waited for, and nothing is answered to a broken-off connection; most are refused.
    expect(await sendAll(requests)).toBeGreaterThan(OF_EACH_HTTP_KIND / 2);
  });

  it('HTTP: every kind of wrong value in every field, one at a time', async () => {
    const requests = oneWrongField(new Random(SEED), token);
    expect(requests.length).toBeGreaterThan(500);
    expect(await sendAll(requests)).toBe(requests.length);
  });

  it.each(Object.keys(PACKET_KINDS))('WebSocket: %s', async (name) => {
    const random = new Random(SEED + name.length * 104_729);
    const rounds = Array.from({ length: OF_EACH_PACKET_KIND }, () => PACKET_KINDS[name]?.(random) ?? []);
    await inParallel(rounds, WIDTH, async (packets) => {
      tellsNothing(await overWebSocket(port, token, packets));
      sent += packets.length;
    });
    await stillWell();
  });

  it('WebSocket: frames that are none', async () => {
    const random = new Random(SEED + 1);
    const frames = Array.from({ length: 40 }, () => random.bytes(1 + random.below(300)));
    const handshake =
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: ${random.pick(['13', '13', '8'])}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    await inParallel(frames, WIDTH, async (frame) => {
      const answer = await exchange(port, Buffer.concat([Buffer.from(handshake), frame]));
      sent++;
      for (const status of statusesOf(answer)) expect(DOCUMENTED).toContain(status);
    });
    await stillWell();
  });

  it('polling: sessions, versions, methods and bodies that are none', async () => {
    const random = new Random(SEED + 2);
    const url = `${gateway.url}/socket.io/`;
    for (let done = 0; done < POLLING_REQUESTS; done += WIDTH) {
      const opened = await (await fetch(`${url}?EIO=4&transport=polling`)).text();
      const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
      const requests = Array.from({ length: WIDTH }, () => polling(random, sid));
      await inParallel(requests, WIDTH, async ({ method, query, body }) => {
        const head = `${method} /socket.io/?${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: text/plain;charset=UTF-8\r\n`;
        const bytes = Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
        const answer = await exchange(port, bytes);
        sent++;
        for (const status of statusesOf(answer)) expect(DOCUMENTED).toContain(status);
        tellsNothing(answer);
      });
    }
    await stillWell();
  });

  it('has been sent more than 1,000 of them', () => {
    expect(sent).toBeGreaterThan(1_000);
  });

  it('has left the client that does nothing wrong connected, and brings it an order', async () => {
    const before = good.of('order_update').length;
    const order = { orderId: 'last', aliasId: 'ORDER-LAST', userId: 7, totalAmount: 1, status: 'PENDING' };
    await accepted(gateway, '/websocket/notifications/order-created', order);
    const came = await good.waitFor<{ data: { orderId: unknown } }>('order_update', before + 1);
    expect(came.at(-1)?.data.orderId).toBe('last');
    expect(good.of('connected')).toHaveLength(1);
  });
});

/** Connects to the namespace by hand, sends the packets, and resolves with all that came back. */
async function overWebSocket(port: number, token: string, packets: readonly (string | Buffer)[]): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const came: string[] = [];
  let heard: (() => void) | undefined;
  socket.addEventListener('message', ({ data }) => {
    came.push(String(data));
    heard?.();
  });
  const closed = once(socket, 'close');
  const until = async (text: string): Promise<void> => {
    while (!came.some((message) => message.includes(text)) && socket.readyState < WebSocket.CLOSING) {
      await Promise.race([new Promise<void>((resolve) => (heard = resolve)), closed]);
    }
  };
  await Promise.race([once(socket, 'open'), closed]);
  socket.send(`40/events,{"token":"${token}"}`);
  await until('"connected"');
  for (const packet of packets) socket.send(typeof packet === 'string' ? packet : new Uint8Array(packet));
  // The last answer is behind all others: the server reads in order, where it has not closed by now.
  socket.send('42/events,777["ping"]');
  await Promise.race([until('43/events,777'), new Promise((resolve) => setTimeout(resolve, 500))]);
  socket.close();
  await closed;
  return came.join('\n').replaceAll(/"sid":"[^"]*"/g, '');
}
