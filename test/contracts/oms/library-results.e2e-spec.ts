import { beforeAll, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { Logger } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { create } from 'axios';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { JOURNAL, type Journal } from '@lib/realtime';
import { parseEvent } from '@lib/events';
import { WebSocketClientModule, WebSocketClientService } from '@lib/websocket-client';
import { eventually } from '../../e2e/services/helpers/eventually.js';
import { faultyLink } from '../../e2e/services/helpers/faulty-link.js';
import { atEnd } from '../../e2e/services/helpers/teardown.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';

const ORDER = { orderId: 456, aliasId: 'ORDER-456', userId: 789, totalAmount: 5, status: 'PENDING' };

let gateway: RunningGateway;
beforeAll(async () => {
  Logger.overrideLogger(false);
  gateway = await runGateway();
});

function library(url: string, settings: Record<string, unknown> = {}, secret = gateway.secret): WebSocketClientService {
  const config = new ConfigService({ API_GATEWAY_URL: url, JWT_SECRET: secret, SERVICE_NAME: 'test', ...settings });
  const service = new WebSocketClientService(new HttpService(create()), config);
  atEnd(() => service.onApplicationShutdown());
  return service;
}

interface Asked {
  headers: IncomingHttpHeaders;
  body: string;
  socket: Socket;
}

/** A server that answers as it is told, where no real gateway can be brought to. */
async function answering(answer: (count: number, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ headers: request.headers, body, socket: request.socket });
      answer(asked.length, response);
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const accept = (response: ServerResponse): void => {
  const body = JSON.stringify({ success: true, eventId: 'e', position: 'p', duplicate: false });
  response.writeHead(202, { 'content-type': 'application/json' }).end(body);
};
const input = (action: string) => ({ type: 'user.activity', data: { userId: 1, action } }) as const;
const event = (action: string) => parseEvent(input(action), { source: '/services/test' });

/** What the journal has of these events, in its order. */
async function journaled(prefix: string): Promise<string[]> {
  const journal = gateway.app.get<Journal>(JOURNAL);
  const { epoch } = await journal.tail();
  const read = await journal.read({ after: { epoch, seq: 0 }, limit: 10_000 });
  if (!('entries' in read)) throw new Error('a gap');
  return read.entries
    .map(({ event: { type, data } }) => (type === 'user.activity' ? (data as { action: string }).action : ''))
    .filter((action) => action.startsWith(prefix));
}

describe('the typed results', () => {
  it('name the event and its place, and say of a repetition that it is one', async () => {
    const { results } = library(gateway.url);
    const order = { ...ORDER, id: 'results-1' };
    const first = await results.notifyOrderCreated(order);
    expect(first).toEqual({ ok: true, eventId: 'results-1', position: expect.any(String), duplicate: false });
    expect(await results.notifyOrderCreated(order)).toEqual({ ...first, duplicate: true });
  });

  it('say that a change of stock gave rise to no alert', async () => {
    const change = { productId: 1, productName: 'Lamp', currentQuantity: 9, previousQuantity: 10, threshold: 5 };
    const { results } = library(gateway.url);
    expect(await results.triggerInventoryNotifications(change)).toMatchObject({ ok: true, eventId: null });
    const low = await results.triggerInventoryNotifications({ ...change, currentQuantity: 5 });
    expect(low).toMatchObject({ ok: true, eventId: expect.any(String) });
  });

  it('say what was wrong, and whether to try again', async () => {
    const { results } = library(gateway.url);
    expect(await results.notifyOrderCreated({ ...ORDER, totalAmount: -1 })).toMatchObject({
      ok: false,
      code: 'invalid_payload',
      retryable: false,
      status: 400,
    });
    await results.notifyOrderCreated({ ...ORDER, id: 'results-2' });
    const conflict = await results.notifyOrderCreated({ ...ORDER, id: 'results-2', totalAmount: 6 });
    expect(conflict).toMatchObject({ ok: false, code: 'idempotency_conflict', retryable: false, status: 409 });
    const stranger = await library(gateway.url, {}, 'another-secret').results.notifyOrderCreated(ORDER);
    expect(stranger).toMatchObject({ ok: false, code: 'token_invalid', retryable: false, status: 401 });
    const nobody = await library('http://127.0.0.1:9').results.notifyOrderCreated(ORDER);
    expect(nobody).toMatchObject({ ok: false, code: 'unavailable', retryable: true });
    expect(nobody).not.toHaveProperty('status');
  });
});

describe('a call that fails in passing', () => {
  it.each([429, 500, 502, 503, 504])('with %i is repeated under the same key', async (status) => {
    const server = await answering((count, response) =>
      count < 3 ? void response.writeHead(status).end() : accept(response),
    );
    expect(await library(server.url).notifyUser({ userId: 1, title: 'T', message: 'm' })).toBe(true);
    const keys = server.asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
  });

  it('with a lost answer is repeated, and counts once', async () => {
    const link = await faultyLink(new URL(gateway.url).host);
    const service = library(`http://${link.url}`, { API_GATEWAY_TIMEOUT: 2_000 });
    link.mode = 'drop-replies';
    const { seq } = await gateway.app.get<Journal>(JOURNAL).tail();
    const calling = service.results.notifyUser({ userId: 1, title: 'lost', message: 'm' });
    await eventually(async () => expect((await gateway.app.get<Journal>(JOURNAL).tail()).seq).toBe(seq + 1));
    link.mode = 'pass';
    expect(await calling).toMatchObject({ ok: true, duplicate: true });
    expect((await gateway.app.get<Journal>(JOURNAL).tail()).seq).toBe(seq + 1);
  });

  it.each([400, 403, 404, 409, 413])('is not repeated where the answer is %i', async (status) => {
    const body = JSON.stringify({ success: false, error: { code: 'invalid_payload', message: 'm' } });
    const server = await answering((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    expect(await library(server.url).notifyOrderCreated(ORDER)).toBe(false);
    expect(server.asked).toHaveLength(1);
  });

  it('ends within its time, whatever the gateway does', async () => {
    const server = await answering(() => undefined);
    const begun = Date.now();
    const result = await library(server.url, { API_GATEWAY_TIMEOUT: 300 }).results.notifyOrderCreated(ORDER);
    expect(result).toMatchObject({ ok: false, code: 'gateway_timeout', retryable: true });
    expect(Date.now() - begun).toBeLessThan(2_000);
  });
});

describe('a gateway that fails again and again', () => {
  it('is left alone for a moment, and asked again then', async () => {
    let healthy = false;
    const server = await answering((_, response) => (healthy ? accept(response) : void response.writeHead(503).end()));
    const service = library(server.url);
    await Promise.all(Array.from({ length: 30 }, () => service.notifyOrderCreated(ORDER)));
    const asked = server.asked.length;
    const begun = Date.now();
    expect(await service.results.notifyOrderCreated(ORDER)).toMatchObject({ code: 'unavailable', retryable: true });
    expect([server.asked.length, Date.now() - begun < 200]).toEqual([asked, true]);
    healthy = true;
    await eventually(async () => expect(await service.notifyOrderCreated(ORDER)).toBe(true), 5_000);
  });
});

describe('connections', () => {
  it('are kept for the next call', async () => {
    const server = await answering((_, response) => accept(response));
    const service = library(server.url);
    for (let count = 0; count < 5; count++) await service.notifyOrderCreated(ORDER);
    expect(new Set(server.asked.map(({ socket }) => socket)).size).toBe(1);
  });
});

describe('publish', () => {
  it('gives all events or none, and answers where they are', async () => {
    const service = library(gateway.url);
    const events = ['publish 1', 'publish 2'].map(event);
    const published = await service.publish(events);
    expect(published).toMatchObject({ ok: true, results: events.map(({ id }) => ({ eventId: id, duplicate: false })) });
    expect(await service.publish(events)).toMatchObject({
      ok: true,
      results: [{ duplicate: true }, { duplicate: true }],
    });
    const bad = { ...event('publish 3'), type: 'user.exploded' } as never;
    expect(await service.publish([event('publish 4'), bad])).toMatchObject({
      ok: false,
      retryable: false,
      status: 400,
    });
    expect(await journaled('publish')).toEqual(['publish 1', 'publish 2']);
  });

  it('is one attempt, for whoever tries again by itself', async () => {
    const server = await answering((_, response) => void response.writeHead(503).end());
    expect(await library(server.url).publish([event('once')])).toMatchObject({ ok: false, retryable: true });
    expect(server.asked).toHaveLength(1);
  });
});

describe('enqueue', () => {
  it('sends what was gathered in batches, in order, once the gateway is there; flush waits for it', async () => {
    const link = await faultyLink(new URL(gateway.url).host);
    link.mode = 'cut';
    const service = library(`http://${link.url}`);
    const actions = Array.from({ length: 250 }, (_, index) => `queued ${String(index).padStart(3, '0')}`);
    for (const action of actions) expect(service.enqueue(input(action))).toBe(true);
    expect(await service.flush(200)).toBe(false);
    link.mode = 'pass';
    expect(await service.flush(10_000)).toBe(true);
    expect(await journaled('queued')).toEqual(actions);
  });

  it('answers false when it is full, and when an event is not valid; what it has taken it keeps', async () => {
    const link = await faultyLink(new URL(gateway.url).host);
    link.mode = 'cut';
    const service = library(`http://${link.url}`, { API_GATEWAY_BUFFER: 3 });
    const taken = ['full 1', 'full 2', 'full 3', 'full 4'].map((action) => service.enqueue(input(action)));
    expect(taken).toEqual([true, true, true, false]);
    expect(service.enqueue({ type: 'user.activity', data: { userId: 1, action: '' } })).toBe(false);
    expect(service.enqueue(undefined as never)).toBe(false);
    link.mode = 'pass';
    expect(await service.flush(10_000)).toBe(true);
    expect(await journaled('full')).toEqual(['full 1', 'full 2', 'full 3']);
    expect(service.enqueue(input('full 5'))).toBe(true);
  });

  it('gives up an event that the gateway refuses, and no other', async () => {
    const service = library(gateway.url);
    await service.publish([parseEvent({ ...input('given 0'), id: 'taken' }, { source: '/services/test' })]);
    service.enqueue(input('given 1'));
    service.enqueue({ ...input('given another body'), id: 'taken' });
    service.enqueue(input('given 2'));
    expect(await service.flush(10_000)).toBe(true);
    expect(await journaled('given')).toEqual(['given 0', 'given 1', 'given 2']);
  });

  it('is flushed when the app stops', async () => {
    const imports = [
      WebSocketClientModule.forRootAsync({
        inject: ['URL'],
        imports: [
          { module: class Addresses {}, providers: [{ provide: 'URL', useValue: gateway.url }], exports: ['URL'] },
        ],
        useFactory: (apiGatewayUrl: string) => ({ apiGatewayUrl, jwtSecret: gateway.secret, serviceName: 'async' }),
      }),
    ];
    const app = await (await Test.createTestingModule({ imports }).compile()).init();
    expect(app.get(WebSocketClientService).enqueue(input('stopped 1'))).toBe(true);
    await app.close();
    expect(await journaled('stopped')).toEqual(['stopped 1']);
  });
});
