import { describe, expect, it, beforeAll } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { Logger } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { create } from 'axios';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { WebSocketClientModule, WebSocketClientService } from '@lib/websocket-client';
import { atEnd } from '../../e2e/services/helpers/teardown.js';
import { freePort } from '../../infra/until.js';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';

const SECRET = 'a-secret-of-this-test-alone-0123456789';

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  atEnd(() => {
    // What nobody reads does not close by itself, and would keep the server open.
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => void server.close(() => done()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (listener: RequestListener): Promise<string> => listening(createServer(listener));

function library(url: string, secret = SECRET): WebSocketClientService {
  const config = new ConfigService({ API_GATEWAY_URL: url, JWT_SECRET: secret });
  return new WebSocketClientService(new HttpService(create()), config);
}

/** What each method answers when the gateway is of no use. */
async function everyMethod(service: WebSocketClientService): Promise<unknown[]> {
  const order = { orderId: 1, aliasId: 'O', userId: 1 };
  const lamp = { productId: 1, productName: 'Lamp', currentQuantity: 1, threshold: 5 };
  return Promise.all([
    service.notifyOrderCreated({ ...order, totalAmount: 1, status: 'NEW' }),
    service.notifyOrderStatusUpdate({ ...order, newStatus: 'PAID', previousStatus: 'NEW' }),
    service.notifyInventoryAlert({ ...lamp, alertType: 'low_stock' }),
    service.triggerInventoryNotifications({ ...lamp, previousQuantity: 9 }),
    service.broadcast({ type: 'system', title: 'T', message: 'm' }),
    service.notifyUser({ userId: 1, title: 'T', message: 'm' }),
    service.isUserOnline(1),
    service.getOnlineUsers(),
    service.getStats(),
    service.getHealth(),
  ]);
}
const NOTHING = [false, false, false, false, false, false, false, [], undefined, undefined];

describe('@lib/websocket-client, where the gateway is of no use', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each<[string, () => Promise<string>]>([
    ['is away', async () => `http://127.0.0.1:${await freePort()}`],
    ['has no such address', () => Promise.resolve('http://gateway.invalid:3000')],
    ['is no URL', () => Promise.resolve('not a url')],
    ['fails with 500 and no JSON', () => answering((_, response) => void response.writeHead(500).end('<h1>Oops</h1>'))],
    ['fails with 500 and an empty body', () => answering((_, response) => void response.writeHead(500).end())],
    ['fails with 502 and the JSON null', () => answering((_, response) => void response.writeHead(502).end('null'))],
    ['breaks the connection off', () => listening(createTcpServer((socket) => void socket.destroy()))],
    ['speaks no HTTP', () => listening(createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH\r\n')))],
  ])('never throws, and answers false or nothing, when it %s', async (_, url) => {
    expect(await everyMethod(library(await url()))).toEqual(NOTHING);
  });

  it('never throws when the secret is not the gateway’s: only the health, which is for anyone, is told', async () => {
    const gateway = await runGateway();
    const answers = await everyMethod(library(gateway.url, 'another-secret'));
    expect(answers.slice(0, -1)).toEqual(NOTHING.slice(0, -1));
    expect(answers.at(-1)).toMatchObject({ status: 'OK', stats: { connectedClients: 0, authenticatedUsers: 0 } });
  });

  it.each(['{}', '[]', 'null', '"text"', '<h1>Welcome</h1>', '{"users":5,"online":"x"}'])(
    'never throws in a query when the gateway answers 200 with %s',
    async (body) => {
      const service = library(
        await answering(
          (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body),
        ),
      );
      expect(await service.getOnlineUsers()).toEqual([]);
      await Promise.all([service.isUserOnline(1), service.getStats(), service.getHealth()]);
    },
  );

  it('says so at the start where a production service has no secret', () => {
    const config = new ConfigService({ NODE_ENV: 'production', JWT_SECRET: '' });
    expect(() => new WebSocketClientService(new HttpService(create()), config)).toThrow(/^JWT_SECRET/);
  });

  it('never throws for an argument that no JSON can hold', async () => {
    const service = library(await answering((_, response) => void response.writeHead(202).end('{}')));
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const broken = { userId: 1, title: 'T', message: 'm', data: loop as never };
    expect(await service.notifyUser(broken)).toBe(false);
    expect(
      await service.notifyOrderCreated({ orderId: 1n as never, aliasId: 'O', userId: 1, totalAmount: 1, status: 'N' }),
    ).toBe(false);
    expect(await service.isUserOnline('\ud800')).toBe(false);
  });

  it('never throws for no argument at all', async () => {
    const service = library(await answering((_, response) => void response.writeHead(500).end()));
    const nothing = undefined as never;
    expect(await service.notifyOrderCreated(nothing)).toBe(false);
    expect(await service.triggerInventoryNotifications(nothing)).toBe(false);
    expect(await service.notifyUser(nothing)).toBe(false);
  });

  it('gives up on a gateway that does not answer', async () => {
    const service = library(await listening(createTcpServer()));
    expect(await service.notifyUser({ userId: 1, title: 'T', message: 'm' })).toBe(false);
  });

  it('tells a degraded gateway from one that is away', async () => {
    const body = {
      status: 'DEGRADED',
      reason: 'r',
      timestamp: '',
      stats: { connectedClients: 0, authenticatedUsers: 0 },
    };
    const url = await answering((_, response) => {
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    expect(await library(url).getHealth()).toEqual(body);
  });
});

describe('@lib/websocket-client, by its module', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  const notifies = async (service: WebSocketClientService): Promise<void> => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 7));
    expect(await service.notifyUser({ userId: 7, title: 'T', message: 'm' })).toBe(true);
    await client.waitFor('user_notification');
  };

  it('works by values with forRoot', async () => {
    const options = { apiGatewayUrl: gateway.url, jwtSecret: gateway.secret, serviceName: 'order' };
    const app = await Test.createTestingModule({ imports: [WebSocketClientModule.forRoot(options)] }).compile();
    await notifies(app.get(WebSocketClientService));
  });

  it('works plainly imported, configured by the app’s own ConfigModule', async () => {
    const config = ConfigModule.forRoot({
      isGlobal: true,
      ignoreEnvFile: true,
      ignoreEnvVars: true,
      load: [() => ({ API_GATEWAY_URL: gateway.url, JWT_SECRET: gateway.secret })],
    });
    const app = await Test.createTestingModule({ imports: [config, WebSocketClientModule] }).compile();
    await notifies(app.get(WebSocketClientService));
  });

  it('takes a base address that ends in a slash', async () => {
    const config = new ConfigService({ API_GATEWAY_URL: `${gateway.url}//`, JWT_SECRET: gateway.secret });
    await notifies(new WebSocketClientService(new HttpService(create()), config));
  });

  it('calls http://localhost:3000 where no address is set', async () => {
    const asked: (string | undefined)[] = [];
    const http = create({
      adapter: (request) => {
        asked.push(request.url);
        return Promise.reject(new Error('seen'));
      },
    });
    const service = new WebSocketClientService(new HttpService(http), new ConfigService({ JWT_SECRET: SECRET }));
    await service.notifyUser({ userId: 1, title: 'T', message: 'm' });
    expect(asked).toEqual(['http://localhost:3000/websocket/broadcast']);
  });
});
