import { describe, expect, it, beforeAll } from '@jest/globals';
import { runGateway, type RunningGateway } from '../../support/gateway.js';

const POLLING = '/socket.io/?EIO=4&transport=polling';

describe('OMS contract: origins, by the one setting CORS_ORIGIN', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway({ CORS_ORIGIN: 'http://shop.example, http://admin.example' });
  });

  const allowed = async (path: string, origin: string): Promise<string | null> => {
    const response = await fetch(gateway.url + path, { headers: { origin } });
    await response.text();
    return response.headers.get('access-control-allow-origin');
  };

  describe.each([
    ['HTTP', '/websocket/health'],
    ['polling', POLLING],
  ])('%s', (_, path) => {
    it.each(['http://shop.example', 'http://admin.example'])('allows %s, with credentials', async (origin) => {
      const response = await fetch(gateway.url + path, { headers: { origin } });
      await response.text();
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    });

    it.each(['http://evil.example', 'https://shop.example', 'null', 'http://shop.example.evil.example'])(
      'does not allow %s',
      async (origin) => {
        expect(await allowed(path, origin)).toBeNull();
      },
    );
  });

  it('allows the origin on a refusal, so that a page can read why', async () => {
    expect(await allowed('/websocket/stats', 'http://shop.example')).toBe('http://shop.example');
    expect(await allowed('/nope', 'http://shop.example')).toBe('http://shop.example');
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('lets a page ask for %s at a service', async (method) => {
    const response = await fetch(`${gateway.url}/order/orders/1`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://shop.example',
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('http://shop.example');
    expect(response.headers.get('access-control-allow-methods')?.split(/, */)).toContain(method);
    expect(response.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  });

  it('allows the page of the React client where nothing is set', async () => {
    const unset = await runGateway();
    const response = await fetch(`${unset.url}/websocket/health`, { headers: { origin: 'http://localhost:3001' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3001');
  });
});
