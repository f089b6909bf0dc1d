import { mkdir, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readEnv } from '@lib/service';
import { gatewayEnv } from '../../../apps/api-gateway/src/config.js';
import { startGateway } from '../../../apps/api-gateway/src/gateway.js';
import { selfSigned, type CertificateFiles } from '../../support/certificate.js';
import { connect, refusedConnection } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { testEnvironment } from '../services/helpers/environment.js';
import { call } from '../services/helpers/http.js';
import { startInventory } from '../services/helpers/inventory.js';

let files: CertificateFiles;
let gateway: RunningGateway;

beforeAll(async () => {
  files = await selfSigned();
  gateway = await runGateway({ SSL_ENABLED: 'true', SSL_CERT_PATH: files.cert, SSL_KEY_PATH: files.key });
});

interface Answer {
  status: number | undefined;
  body: unknown;
}

function ask(path: string, options: RequestOptions = {}, body?: unknown): Promise<Answer> {
  return new Promise((done, failed) => {
    const outgoing = request(gateway.url + path, { ca: files.ca, ...options }, (response) => {
      void text(response).then((said) => done({ status: response.statusCode, body: JSON.parse(said) }), failed);
    });
    outgoing.on('error', failed);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function announce(title: string): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${gateway.tokens.of('service', 'test')}`,
    'content-type': 'application/json',
  };
  return ask('/websocket/broadcast', { method: 'POST', headers }, { type: 'system', title, message: 'over TLS' });
}

/** Why a gateway with these files does not start. */
async function refusal(paths: { SSL_CERT_PATH?: string; SSL_KEY_PATH?: string }): Promise<string> {
  const environment = await testEnvironment();
  const config = readEnv(gatewayEnv, { ...environment, PORT: '0', SSL_ENABLED: 'true', ...paths });
  return startGateway(config).then(
    async (app) => {
      await app.close();
      return 'it started';
    },
    (error: unknown) => String(error),
  );
}

describe('a gateway with SSL_ENABLED', () => {
  it('serves HTTPS, by HTTP/1.1', async () => {
    expect(gateway.url).toMatch(/^https:/);
    expect(await ask('/websocket/health')).toMatchObject({ status: 200, body: { status: 'OK' } });
    const protocol = await new Promise((done) => {
      const options = { port: Number(new URL(gateway.url).port), host: '127.0.0.1', ca: files.ca };
      const socket = connectTls({ ...options, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
        done(socket.alpnProtocol);
        socket.destroy();
      });
    });
    expect(protocol).toBe('http/1.1');
  });

  it('is refused by a client that does not know its certificate', async () => {
    await expect(fetch(`${gateway.url}/websocket/health`)).rejects.toThrow();
    const error = await refusedConnection(gateway.url, {
      auth: { token: gateway.tokens.of('customer', 7) },
      transports: ['websocket'],
    });
    expect(error.message).toBe('websocket error');
  });

  it('survives plain HTTP on its port', async () => {
    const { port } = new URL(gateway.url);
    const plain = new Promise((done) => {
      plainRequest({ port, host: '127.0.0.1', path: '/websocket/health' }, () => done('answered'))
        .on('error', () => done('refused'))
        .end();
    });
    expect(await plain).toBe('refused');
    expect((await ask('/websocket/health')).status).toBe(200);
  });

  it.each([[['websocket']], [['polling']], [['polling', 'websocket']]])(
    'delivers to a stock client, in order (%j)',
    async (transports) => {
      const customer = await connect(gateway.url.replace('https', 'wss'), gateway.tokens.of('customer', 7), {
        ca: files.ca,
        transports,
      });
      // More than one flush: frames also leave while others are under way.
      const titles = Array.from({ length: 50 }, (_, index) => `${transports.join()} ${index}`);
      for (const title of titles) expect((await announce(title)).status).toBe(202);
      const came = await customer.waitFor<{ data: { title: string } }>('system_notification', titles.length);
      expect(came.map(({ data }) => data.title)).toEqual(titles);
      expect(await customer.ask('ping')).toMatchObject({ ok: true });
      customer.socket.disconnect();
    },
  );

  it('proxies to services that are on HTTP', async () => {
    const environment = await testEnvironment();
    const inventory = await startInventory(environment);
    const tls = { SSL_ENABLED: 'true', SSL_CERT_PATH: files.cert, SSL_KEY_PATH: files.key };
    const proxying = await runGateway({ ...tls, INVENTORY_URL: inventory.url });
    const url = `${proxying.url}/inventory/health`;
    const answer = await new Promise<string>((done, failed) => {
      request(url, { ca: files.ca }, (response) => void text(response).then(done, failed))
        .on('error', failed)
        .end();
    });
    expect(JSON.parse(answer)).toMatchObject({ status: 'OK', service: 'inventory' });
  });
});

describe('a service that is on HTTPS', () => {
  it('is not believed with a certificate that the gateway does not trust', async () => {
    // The other gateway stands for the service: were it believed, it would say that its own order service is away.
    const trusting = await runGateway({ ORDER_URL: gateway.url });
    const answer = await call('GET', `${trusting.url}/order/orders`, { token: trusting.tokens.of('customer', 7) });
    expect([answer.status, answer.body.error.code]).toEqual([502, 'bad_gateway']);
  });
});

describe('a gateway does not start', () => {
  it('without a certificate or its key', async () => {
    expect(await refusal({ SSL_KEY_PATH: files.key })).toContain('SSL_CERT_PATH: must be set');
    expect(await refusal({ SSL_CERT_PATH: files.cert })).toContain('SSL_KEY_PATH: must be set');
  });

  it('where a file is not there, or is a folder', async () => {
    const nowhere = join(files.folder, 'nowhere.pem');
    const folder = join(files.folder, 'folder.pem');
    await mkdir(folder);
    expect(await refusal({ SSL_CERT_PATH: nowhere, SSL_KEY_PATH: files.key })).toMatch(/SSL_CERT_PATH: .*no such file/);
    expect(await refusal({ SSL_CERT_PATH: files.cert, SSL_KEY_PATH: folder })).toMatch(/SSL_KEY_PATH: .*a folder/);
    expect(await refusal({ SSL_CERT_PATH: nowhere, SSL_KEY_PATH: files.key })).not.toContain(files.folder);
  });

  it('where a file holds something else, which it does not repeat', async () => {
    const other = join(files.folder, 'other.pem');
    await writeFile(other, 'hunter2\n');
    const noCertificate = await refusal({ SSL_CERT_PATH: other, SSL_KEY_PATH: files.key });
    const noKey = await refusal({ SSL_CERT_PATH: files.cert, SSL_KEY_PATH: other });
    expect(noCertificate).toContain('SSL_CERT_PATH: must hold a certificate');
    expect(noKey).toContain('SSL_KEY_PATH: must hold a private key');
    for (const said of [noCertificate, noKey]) expect(said).not.toContain('hunter2');
    expect(await refusal({ SSL_CERT_PATH: files.key, SSL_KEY_PATH: files.cert })).toContain('SSL_CERT_PATH: must hold');
  });

  it('with the key of another certificate', async () => {
    const { key } = await selfSigned();
    expect(await refusal({ SSL_CERT_PATH: files.cert, SSL_KEY_PATH: key })).toContain('SSL_KEY_PATH: must be the key');
  });
});
