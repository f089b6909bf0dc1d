import { describe, expect, it, beforeAll } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import type { TokenSpan } from '@lib/auth';
import { connect, open, refusedConnection } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';

const REFUSED = 'Invalid or expired token';

describe('OMS contract: connecting', () => {
  let gateway: RunningGateway;
  let sign: (claims: object, expiresIn?: TokenSpan) => string;
  beforeAll(async () => {
    gateway = await runGateway();
    const jwt = new JwtService({ secret: gateway.secret });
    sign = (claims, expiresIn = '1h') => jwt.sign(claims, { expiresIn });
  });

  const connectedAs = async (claims: object): Promise<unknown> => {
    const client = await connect(gateway.url, sign(claims));
    return client.of('connected')[0]?.['userId'];
  };

  describe('lets in', () => {
    it('a token in auth.token', async () => {
      const client = await connect(gateway.url, gateway.tokens.of('customer', 7));
      expect(client.socket.connected).toBe(true);
    });

    it('a token in the Authorization header', async () => {
      const authorization = `Bearer ${gateway.tokens.of('customer', 7)}`;
      const client = open(gateway.url, { extraHeaders: { authorization } });
      await client.waitFor('connected');
    });

    it('a token in the Authorization header where auth.token is empty', async () => {
      const authorization = `Bearer ${gateway.tokens.of('customer', 7)}`;
      const client = open(gateway.url, { auth: { token: '' }, extraHeaders: { authorization } });
      await client.waitFor('connected');
    });

    it('a client that spells the address ws://', async () => {
      await connect(gateway.url.replace('http://', 'ws://'), gateway.tokens.of('customer', 7));
    });

    it.each(['websocket', 'polling'])('%s alone', async (transport) => {
      const client = await connect(gateway.url, gateway.tokens.of('customer', 7), { transports: [transport] });
      expect(client.socket.io.engine.transport.name).toBe(transport);
    });

    it('polling that is upgraded to websocket', async () => {
      const client = await connect(gateway.url, gateway.tokens.of('customer', 7), {
        transports: ['polling', 'websocket'],
      });
      const { engine } = client.socket.io;
      if (engine.transport.name !== 'websocket') {
        await new Promise((resolve) => void engine.once('upgrade', resolve));
      }
      expect(await client.ask('ping')).toMatchObject({ ok: true });
      expect(engine.transport.name).toBe('websocket');
    });
  });

  describe('refuses', () => {
    it.each(['websocket', 'polling'])('no token, over %s', async (transport) => {
      const error = await refusedConnection(gateway.url, { transports: [transport] });
      expect(error).toMatchObject({ message: 'Authentication required', data: { code: 'auth_required' } });
    });

    it('an Authorization header of another scheme', async () => {
      const error = await refusedConnection(gateway.url, { extraHeaders: { authorization: 'Basic YTpi' } });
      expect(error).toMatchObject({ message: 'Authentication required', data: { code: 'auth_required' } });
    });

    it('an expired token, saying so', async () => {
      const error = await refusedConnection(gateway.url, { auth: { token: gateway.tokens.expired('customer', 7) } });
      expect(error).toMatchObject({ message: REFUSED, data: { code: 'token_expired' } });
    });

    it.each<[string, () => unknown]>([
      ['a token that is no JWT', () => 'garbage'],
      ['a token that is a number', () => 5],
      ['a token that is an object', () => ({ sub: 1 })],
      ['a token signed with another secret', () => new JwtService({ secret: 'another' }).sign({ sub: '1' })],
      ['a token with no signature (alg none)', unsigned],
      [
        'a token of another algorithm',
        () => new JwtService({ secret: gateway.secret }).sign({ sub: '1' }, { algorithm: 'HS512' }),
      ],
      ['a token whose payload was changed', () => tampered(gateway.tokens.of('customer', 7))],
      ['a token that names no user', () => sign({ role: 'admin' })],
      ['a token that is not valid yet', () => sign({ sub: '1', nbf: Math.floor(Date.now() / 1000) + 600 })],
      ['a token whose user id is an object', () => new JwtService({ secret: gateway.secret }).sign({ userId: {} })],
    ])('%s', async (_, token) => {
      const error = await refusedConnection(gateway.url, { auth: { token: token() } });
      expect(error).toMatchObject({ message: REFUSED, data: { code: 'token_invalid' } });
      expect(Object.keys(error.data ?? {})).toEqual(['code']);
    });

    it('a bad token in auth.token, although the header has a good one', async () => {
      const authorization = `Bearer ${gateway.tokens.of('admin', 1)}`;
      const error = await refusedConnection(gateway.url, {
        auth: { token: 'bad' },
        extraHeaders: { authorization },
      });
      expect(error.data).toEqual({ code: 'token_invalid' });
    });

    it.each(['/', '/nope', '/events/', '/Events', '/__proto__'])(
      'the namespace %s, also with a good token',
      async (path) => {
        const { socket } = open(gateway.url, { auth: { token: gateway.tokens.of('admin', 1) } }, path);
        const error = await new Promise<Error>((resolve, reject) => {
          socket.once('connect_error', resolve);
          socket.once('connect', () => reject(new Error('was let in')));
        });
        expect(error.message).toBe('Invalid namespace');
      },
    );
  });

  describe('reads the claims', () => {
    it.each<[string, object, unknown]>([
      ['sub before userId and id', { sub: '1', userId: '2', id: '3', role: 'customer' }, 1],
      ['userId where there is no sub', { userId: '2', id: '3', role: 'customer' }, 2],
      ['id where there is neither', { id: 3, role: 'customer' }, 3],
      ['a user id of digits as a number', { userId: 789 }, 789],
      ['any other user id as a string', { sub: 'user-a1' }, 'user-a1'],
      ['digits that no number can hold as a string', { sub: '9007199254740993' }, '9007199254740993'],
      ['digits with leading zeros as a string', { sub: '007' }, '007'],
    ])('%s', async (_, claims, userId) => {
      expect(await connectedAs(claims)).toBe(userId);
    });

    it.each<[string, object]>([
      ['role', { sub: 's', role: 'staff' }],
      ['roles, a list', { sub: 's', roles: ['customer', 'staff'] }],
      ['roles, a single one', { sub: 's', roles: 'staff' }],
    ])('the roles from %s', async (_, claims) => {
      const client = await connect(gateway.url, sign(claims));
      // Every order: what a customer is not given.
      expect(await client.ask('subscribe_to_orders')).toEqual({ ok: true });
    });
  });

  it('confirms with connected: the user id, the time and the position', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 789));
    expect(client.received[0]).toEqual({
      event: 'connected',
      args: [
        { userId: 789, timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) },
        expect.any(String),
      ],
    });
  });

  it('ends the connection with its token, and tells the client that comes back why', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 7, 2), {
      reconnection: true,
      reconnectionDelay: 50,
    });
    const refused = new Promise<Error & { data?: unknown }>((resolve) => client.socket.once('connect_error', resolve));
    expect(await client.ended()).not.toBe('io client disconnect');
    expect(client.of('error')).toEqual([{ code: 'token_expired', message: REFUSED }]);
    expect(await refused).toMatchObject({ message: REFUSED, data: { code: 'token_expired' } });
  });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function unsigned(): string {
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: '1', role: 'admin' })}.`;
}

function tampered(token: string): string {
  const [header, , signature] = token.split('.');
  const payload = Buffer.from(JSON.stringify({ sub: '1', roles: ['admin'] })).toString('base64url');
  return [header, payload, signature].join('.');
}
