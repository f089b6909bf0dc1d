import { describe, expect, it, beforeAll } from '@jest/globals';
import { call } from '../services/helpers/http.js';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { accepted } from '../../support/notify.js';
import { freePort } from '../../infra/until.js';
import { exchange, statusesOf } from './hostile/raw.js';
import type { Socket } from 'node:net';
import { misbehaving, upstream, type Asked } from './upstream.js';

const refusal = (code: string): object => ({ success: false, error: { code, message: expect.any(String) } });

const SERVICES = ['auth', 'order', 'inventory', 'cart'] as const;

describe('the proxy to the services', () => {
  let gateway: RunningGateway;
  const asked: Record<string, Asked[]> = {};
  beforeAll(async () => {
    const urls: Record<string, string> = {};
    for (const service of SERVICES) {
      const running = await upstream(service);
      asked[service] = running.asked;
      urls[`${service.toUpperCase()}_URL`] = running.url;
    }
    gateway = await runGateway(urls);
  });

  it.each(SERVICES)('hands /%s to its service, the prefix included', async (service) => {
    for (const path of [`/${service}`, `/${service}/`, `/${service}/a/b/c`]) {
      const { status, body } = await call<Asked>('GET', gateway.url + path);
      expect([status, body.service, body.url]).toEqual([200, service, path]);
    }
  });

  it.each(['/orderly', '/order.json', '/orders', '/Order/orders', '/'])('does not hand on %s', async (path) => {
    expect(await call('GET', gateway.url + path)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('passes on %s', async (method) => {
    const body = method === 'GET' ? undefined : { a: 1 };
    const answer = await call<Asked>(method, `${gateway.url}/order/orders`, { body });
    expect(answer.body).toMatchObject({ method, body: body ? '{"a":1}' : '' });
  });

  it('passes on HEAD, without a body', async () => {
    const answer = await call<undefined>('HEAD', `${gateway.url}/order/orders`);
    expect([answer.status, answer.body]).toEqual([200, undefined]);
    expect(asked['order']?.at(-1)?.method).toBe('HEAD');
  });

  it.each(['a=1&b=2', 'a=1&a=2', 'q=caf%C3%A9%20%26%20tea', 'empty=', 'list%5B%5D=1'])(
    'passes on the query %s with its meaning',
    async (query) => {
      const { body } = await call<Asked>('GET', `${gateway.url}/cart?${query}`);
      expect([...new URL(body.url, 'http://x').searchParams]).toEqual([...new URLSearchParams(query)]);
    },
  );

  it('passes on escaped characters of a path as they are', async () => {
    const path = '/inventory/products/a%20b%2Fc%C3%A9';
    expect((await call<Asked>('GET', gateway.url + path)).body.url).toBe(path);
  });

  it.each([
    ['application/json', '{ "a" : 1.0 ,"b":"\u00e9"}'],
    ['application/x-www-form-urlencoded', 'a=1&b=c+d'],
    ['text/plain', 'words'],
    ['application/octet-stream', '\u0000\u00ff\u0080'],
    ['application/json', '{"broken":'],
  ])('passes on a body of %s byte by byte: %j', async (contentType, text) => {
    const response = await fetch(`${gateway.url}/order/x`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: Buffer.from(text, 'latin1'),
    });
    const body = (await response.json()) as Asked;
    expect([body.headers['content-type'], body.body]).toEqual([contentType, text]);
  });

  it('passes on the headers of a request', async () => {
    const headers = { authorization: 'Bearer abc', 'idempotency-key': 'k-1', 'x-mine': 'é'.normalize(), accept: 'a/b' };
    const { body } = await call<Asked>('GET', `${gateway.url}/order/x`, { headers });
    expect(body.headers).toMatchObject(headers);
  });

  it.each(['200', '201', '400', '401', '403', '404', '409', '422', '500', '503'])(
    'passes on the status %s with the body and headers of the service',
    async (answer) => {
      const response = await fetch(`${gateway.url}/order/x?answer=${answer}`);
      expect(response.status).toBe(Number(answer));
      expect(response.headers.get('x-service')).toBe('order');
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(await response.json()).toMatchObject({ service: 'order' });
    },
  );

  it('passes on an answer without a body, and one that points elsewhere', async () => {
    const empty = await fetch(`${gateway.url}/order/x?answer=204`);
    expect([empty.status, await empty.text()]).toEqual([204, '']);
    const moved = await fetch(`${gateway.url}/order/x?answer=302`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/order/elsewhere']);
  });

  it.each(['/order/../auth/login', '/order/..%2fauth/login', '/order/%2e%2e/auth/login', '/order/..\\auth/login'])(
    'does not let %s out of its service',
    async (path) => {
      const before = asked['auth']?.length;
      const bytes = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      const [status] = statusesOf(await exchange(Number(new URL(gateway.url).port), bytes));
      expect(status).toBeLessThan(500);
      expect(asked['auth']?.length).toBe(before);
      for (const { url } of asked['order'] ?? []) expect(url).toMatch(/^\/order/);
    },
  );
});

describe('the proxy, where a service is of no use', () => {
  it('answers 503 while it is away, serves everything else, and is back when the service is', async () => {
    const port = await freePort();
    const cart = await upstream('cart');
    const gateway = await runGateway({ ORDER_URL: `http://127.0.0.1:${port}`, CART_URL: cart.url });
    for (const method of ['GET', 'POST', 'DELETE']) {
      const body = method === 'POST' ? { a: 1 } : undefined;
      expect(await call(method, `${gateway.url}/order/orders`, { body })).toMatchObject({
        status: 503,
        body: refusal('unavailable'),
      });
    }
    expect((await call<Asked>('GET', `${gateway.url}/cart`)).body.service).toBe('cart');
    const client = await connect(gateway.url, gateway.tokens.of('customer', 7));
    await accepted(gateway, '/websocket/broadcast', { type: 'user', userId: 7, title: 'T', message: 'm' });
    await client.waitFor('user_notification');

    await upstream('order', port);
    expect((await call<Asked>('GET', `${gateway.url}/order/orders`)).body.service).toBe('order');
  });

  it.each<[string, number, string, (socket: Socket) => void]>([
    ['breaks the connection off', 502, 'bad_gateway', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['closes without an answer', 502, 'bad_gateway', (socket) => socket.once('data', () => socket.end())],
    ['speaks no HTTP', 502, 'bad_gateway', (socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n\r\n'))],
    ['answers a status that is none', 502, 'bad_gateway', (socket) => saying(socket, 'HTTP/1.1 099 No\r\n\r\n')],
    ['does not answer in time', 504, 'gateway_timeout', (socket) => socket.resume()],
  ])('answers for one that %s with %d', async (_, status, code, behave) => {
    const gateway = await runGateway({ ORDER_URL: await misbehaving(behave), PROXY_TIMEOUT: '300' });
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { a: 1 } : undefined;
      expect(await call(method, `${gateway.url}/order/x`, { body })).toMatchObject({ status, body: refusal(code) });
    }
    expect((await call('GET', `${gateway.url}/websocket/health`)).status).toBe(200);
  });

  it('goes on after a service that broke off in the middle of its answer', async () => {
    const half = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf';
    const url = await misbehaving((socket) => socket.once('data', () => socket.write(half, () => socket.destroy())));
    const gateway = await runGateway({ ORDER_URL: url });
    await expect(fetch(`${gateway.url}/order/x`).then((response) => response.text())).rejects.toThrow();
    expect((await call('GET', `${gateway.url}/websocket/health`)).status).toBe(200);
  });

  it('goes on after a client that left before its answer', async () => {
    const url = await misbehaving((socket) => socket.resume());
    const gateway = await runGateway({ ORDER_URL: url, PROXY_TIMEOUT: '500' });
    const left = fetch(`${gateway.url}/order/x`, { signal: AbortSignal.timeout(100) });
    await expect(left).rejects.toThrow();
    expect((await call('GET', `${gateway.url}/order/x`)).status).toBe(504);
  });
});

function saying(socket: Socket, text: string): void {
  socket.once('data', () => socket.end(text));
}
