import { describe, expect, it, beforeAll } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import type { Role } from '@lib/auth';
import { call } from '../../e2e/services/helpers/http.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';

const ROLES: readonly Role[] = ['admin', 'staff', 'customer', 'service', 'super_admin'];
const NOTIFIERS: readonly Role[] = ['service', 'admin', 'staff', 'super_admin'];

interface Route {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  /** `super_admin` may do whatever `admin` may. */
  allowed: readonly Role[];
}

const order = { orderId: 1, aliasId: 'ORDER-1', userId: 7 };
const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/websocket/stats', allowed: ['admin', 'service', 'super_admin'] },
  { method: 'GET', path: '/websocket/users/7/online', allowed: ['admin', 'staff', 'service', 'super_admin'] },
  { method: 'GET', path: '/websocket/users/online', allowed: ['admin', 'staff', 'service', 'super_admin'] },
  {
    method: 'POST',
    path: '/websocket/broadcast',
    body: { type: 'system', title: 'T', message: 'm' },
    allowed: ['admin', 'service', 'super_admin'],
  },
  {
    method: 'POST',
    path: '/websocket/notifications/order-created',
    body: { ...order, totalAmount: 1, status: 'PENDING' },
    allowed: NOTIFIERS,
  },
  {
    method: 'POST',
    path: '/websocket/notifications/order-status-update',
    body: { ...order, newStatus: 'PAID', previousStatus: 'PENDING' },
    allowed: NOTIFIERS,
  },
  {
    method: 'POST',
    path: '/websocket/notifications/inventory-alert',
    body: { productId: 1, productName: 'Lamp', currentQuantity: 1, threshold: 5, alertType: 'low_stock' },
    allowed: NOTIFIERS,
  },
  {
    method: 'POST',
    path: '/events',
    body: { type: 'user.notified', data: { userId: 7, kind: 'k', title: 'T', message: 'm' } },
    allowed: ['service'],
  },
];

const pairs = (allowed: boolean): [string, Role, Route][] =>
  ROUTES.flatMap((route) =>
    ROLES.filter((role) => route.allowed.includes(role) === allowed).map((role): [string, Role, Route] => [
      `${route.method} ${route.path}`,
      role,
      route,
    ]),
  );

describe('OMS contract: who may call what', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  it.each(pairs(true))('%s is open to %s', async (_, role, { method, path, body }) => {
    const answer = await call(method, gateway.url + path, { token: gateway.tokens.of(role, 'x'), body });
    expect(answer.status).toBe(method === 'GET' ? 200 : 202);
  });

  it.each(pairs(false))('%s is closed to %s', async (_, role, { method, path, body }) => {
    const answer = await call(method, gateway.url + path, { token: gateway.tokens.of(role, 'x'), body });
    expect(answer).toMatchObject({ status: 403, body: { success: false, error: { code: 'forbidden' } } });
  });

  const routes = ROUTES.map((route): [string, Route] => [`${route.method} ${route.path}`, route]);

  it.each(routes)('%s is closed without a token', async (_, { method, path, body }) => {
    const answer = await call(method, gateway.url + path, { body });
    expect(answer).toMatchObject({
      status: 401,
      body: { success: false, error: { code: 'auth_required', message: 'Authentication required' } },
    });
  });

  it.each(routes)('%s is closed with an expired token, and says so', async (_, { method, path, body, allowed }) => {
    const token = gateway.tokens.expired(allowed[0] ?? 'service', 'x');
    const answer = await call(method, gateway.url + path, { token, body });
    expect(answer).toMatchObject({
      status: 401,
      body: { success: false, error: { code: 'token_expired', message: 'Invalid or expired token' } },
    });
  });

  it.each(routes)('%s is closed with a bad token', async (_, { method, path, body }) => {
    const tokens = ['garbage', new JwtService({ secret: 'another' }).sign({ sub: 'x', roles: ['service', 'admin'] })];
    for (const token of tokens) {
      const answer = await call(method, gateway.url + path, { token, body });
      expect(answer).toMatchObject({
        status: 401,
        body: { success: false, error: { code: 'token_invalid', message: 'Invalid or expired token' } },
      });
    }
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer ', 'Token abc', ''])(
    'counts the Authorization header %j as no token',
    async (authorization) => {
      const answer = await call('GET', `${gateway.url}/websocket/stats`, { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'auth_required' } } });
    },
  );

  it('refuses the caller before it looks at the body', async () => {
    const path = `${gateway.url}/websocket/broadcast`;
    expect((await call('POST', path, { body: {} })).status).toBe(401);
    expect((await call('POST', path, { token: gateway.tokens.of('customer', 1), body: {} })).status).toBe(403);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/nope'],
    ['GET', '/websocket'],
    ['GET', '/websocket/users/7'],
    ['POST', '/websocket/notifications/nope'],
    ['POST', '/websocket/health'],
    ['DELETE', '/websocket/broadcast'],
    ['GET', '/events'],
    ['PUT', '/events'],
  ])('answers %s %s, which does not exist, with 404', async (method, path) => {
    const answer = await call(method, gateway.url + path, { token: gateway.tokens.of('admin', 1) });
    expect(answer).toMatchObject({ status: 404, body: { success: false, error: { code: 'not_found' } } });
  });
});
