import { beforeAll, describe, expect, it } from '@jest/globals';
import { readEnv } from '@lib/service';
import { AuthServiceModule } from '../../../apps/auth/src/app.module.js';
import { authEnv } from '../../../apps/auth/src/config.js';
import { SAMPLE_USERS } from '../../../apps/auth/src/sample-users.js';
import type { Session } from '../../../apps/auth/src/sessions/session.dto.js';
import type { UserRoles, UserView } from '../../../apps/auth/src/users/user.dto.js';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { call, wrongFields } from './helpers/http.js';
import { startService, type RunningService } from './helpers/service.js';
import { Tokens } from './helpers/tokens.js';

const CUSTOMER = { email: 'customer@example.com', password: 'customer-password' };

let environment: TestEnvironment;
let tokens: Tokens;
let auth: RunningService;

async function start(extra: Record<string, string> = {}): Promise<RunningService> {
  const config = readEnv(authEnv, { ...environment, ...extra });
  return startService('auth', config, AuthServiceModule.forRoot(config));
}

const login = (body: unknown, service = auth) => call<Session>('POST', `${service.url}/auth/login`, { body });
const refresh = (refreshToken: string, service = auth) =>
  call<Session>('POST', `${service.url}/auth/refresh`, { body: { refreshToken } });

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

beforeAll(async () => {
  environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  auth = await start();
});

describe('POST /auth/login', () => {
  it.each(SAMPLE_USERS)('logs the sample user $email in', async ({ id, email, name, password, roles }) => {
    const { status, body } = await login({ email, password });
    expect(status).toBe(200);
    expect(body).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 86_400,
      user: { id, email, name, roles },
    });
    const claims = claimsOf(body.accessToken);
    expect(claims).toMatchObject({ sub: String(id), roles, email, jti: expect.stringMatching(/^[\da-f-]{36}$/) });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(body.expiresIn);
  });

  it('does not mind the case of the address', async () => {
    expect((await login({ ...CUSTOMER, email: 'Customer@Example.COM' })).status).toBe(200);
  });

  it('refuses a wrong password and an unknown address with one and the same answer', async () => {
    const wrong = await call('POST', `${auth.url}/auth/login`, { body: { ...CUSTOMER, password: 'no' } });
    const unknown = await call('POST', `${auth.url}/auth/login`, { body: { email: 'x@example.com', password: 'no' } });
    expect(wrong.status).toBe(401);
    expect(wrong.body.error).toEqual({ code: 'invalid_credentials', message: 'Wrong e-mail or password' });
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body]);
  });

  it.each([
    ['nothing', {}, ['email', 'password']],
    ['other types', { email: 1, password: ['x'] }, ['email', 'password']],
    ['NUL characters', { email: 'a\0@example.com', password: 'x\0' }, ['email', 'password']],
    ['endless strings', { email: 'a'.repeat(255), password: 'x'.repeat(257) }, ['email', 'password']],
    ['an unknown field', { ...CUSTOMER, isAdmin: true }, ['isAdmin']],
  ])('refuses %s and names the fields', async (_, body, fields) => {
    const answer = await call('POST', `${auth.url}/auth/login`, { body });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_payload']);
    expect(wrongFields(answer)).toEqual(fields);
  });

  it.each(['{"email":', '[]', '"text"', 'null', '[{"email":"a"}]'])('refuses the body %s', async (body) => {
    const answer = await call('POST', `${auth.url}/auth/login`, { body });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_payload']);
  });

  it('lets no further guess through after ten failures, even the right one, and others go on', async () => {
    const email = 'staff@example.com';
    const guesses = Array.from({ length: 10 }, (_, guess) => login({ email, password: `guess-${guess}` }));
    const failures = await Promise.all(guesses);
    expect(new Set(failures.map(({ status }) => status))).toEqual(new Set([401]));

    const limited = await call('POST', `${auth.url}/auth/login`, { body: { email, password: 'staff-password' } });
    expect([limited.status, limited.body.error.code]).toEqual([429, 'rate_limited']);
    expect(limited.body.error.details).toEqual({ retryAfterSeconds: expect.any(Number) });
    expect((await login(CUSTOMER)).status).toBe(200);
  });

  it('forgets the failures once the right password was given', async () => {
    const body = { email: 'forgiven@example.com', password: 'forgiven-password' };
    await call('POST', `${auth.url}/auth/register`, { body: { ...body, name: 'F' } });
    for (let round = 0; round < 2; round++) {
      const guesses = Array.from({ length: 9 }, () => login({ ...body, password: 'wrong' }));
      expect((await Promise.all(guesses)).every(({ status }) => status === 401)).toBe(true);
      expect((await login(body)).status).toBe(200);
    }
  });
});

describe('POST /auth/register', () => {
  const url = (): string => `${auth.url}/auth/register`;

  it('makes a customer who can log in, with an id no sample user has', async () => {
    const body = { email: 'New.One@Example.com', password: 'a-good-password', name: 'Zoë' };
    const registered = await call<Session>('POST', url(), { body });
    expect(registered.status).toBe(201);
    expect(registered.body.user).toEqual({
      id: expect.any(Number),
      email: 'new.one@example.com',
      name: 'Zoë',
      roles: ['customer'],
    });
    expect(registered.body.user.id).toBeGreaterThan(8);
    const { body: session } = await login({ email: body.email, password: body.password });
    expect(session.user).toEqual(registered.body.user);
  });

  it('takes one address once, whatever its case, also where two register at once', async () => {
    const register = (email: string) =>
      call('POST', url(), { body: { email, password: 'a-good-password', name: 'Twin' } });
    const answers = await Promise.all([register('twin@example.com'), register('TWIN@example.com')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await register('customer@EXAMPLE.com')).body.error.code).toBe('conflict');
  });

  it.each([
    ['nothing', {}, ['email', 'name', 'password']],
    [
      'what is no address and a short password',
      { email: 'a@', password: '1234567', name: '' },
      ['email', 'name', 'password'],
    ],
    ['a NUL in the name', { email: 'a@example.com', password: '12345678', name: 'a\0b' }, ['name']],
    ['half a character', { email: 'a@example.com', password: '12345678', name: '\ud800' }, ['name']],
    [
      'roles of its own choice',
      { email: 'a@example.com', password: '12345678', name: 'a', roles: ['admin'] },
      ['roles'],
    ],
  ])('refuses %s and names the fields', async (_, body, fields) => {
    const answer = await call('POST', url(), { body });
    expect([answer.status, wrongFields(answer)]).toEqual([400, fields]);
  });
});

describe('POST /auth/refresh', () => {
  it('rotates: a new pair, that can be refreshed again', async () => {
    const first = (await login(CUSTOMER)).body;
    const second = await refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect(second.body.user).toEqual(first.user);
    expect(second.body.refreshToken).not.toBe(first.refreshToken);
    expect(claimsOf(second.body.accessToken)['jti']).not.toBe(claimsOf(first.accessToken)['jti']);
    expect((await refresh(second.body.refreshToken)).status).toBe(200);
  });

  it('ends the whole family where a used token comes back, and no other login', async () => {
    const other = (await login(CUSTOMER)).body;
    const first = (await login(CUSTOMER)).body;
    const second = (await refresh(first.refreshToken)).body;
    const reused = await call('POST', `${auth.url}/auth/refresh`, { body: { refreshToken: first.refreshToken } });
    expect([reused.status, reused.body.error.code]).toEqual([401, 'token_invalid']);
    expect((await refresh(second.refreshToken)).status).toBe(401);
    expect((await refresh(other.refreshToken)).status).toBe(200);
  });

  it('lets exactly one of several concurrent refreshes win, and its session goes on', async () => {
    for (let round = 0; round < 5; round++) {
      const { refreshToken } = (await login(CUSTOMER)).body;
      const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(refreshToken)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
      const winner = answers.find(({ status }) => status === 200);
      expect((await refresh(winner?.body.refreshToken ?? '')).status).toBe(200);
    }
  });

  it('refuses what it never issued, an expired one and a bad body', async () => {
    const unknown = await call('POST', `${auth.url}/auth/refresh`, { body: { refreshToken: 'made-up' } });
    expect([unknown.status, unknown.body.error.code]).toEqual([401, 'token_invalid']);
    for (const body of [{}, { refreshToken: 7 }, { refreshToken: '' }, { refreshToken: 'x'.repeat(513) }]) {
      const answer = await call('POST', `${auth.url}/auth/refresh`, { body });
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['refreshToken']]);
    }
    const brief = await start({ REFRESH_EXPIRES_IN: '1s' });
    const { refreshToken } = (await login(CUSTOMER, brief)).body;
    expect((await refresh(refreshToken, brief)).status).toBe(200);
    const { refreshToken: expiring } = (await login(CUSTOMER, brief)).body;
    const until = Date.now() + 1_001;
    while (Date.now() < until) await new Promise(setImmediate);
    expect((await refresh(expiring, brief)).status).toBe(401);
    await brief.stop();
  });
});

describe('POST /auth/logout', () => {
  it('ends the session, and may be said twice', async () => {
    const first = (await login(CUSTOMER)).body;
    const second = (await refresh(first.refreshToken)).body;
    const logout = () => call('POST', `${auth.url}/auth/logout`, { body: { refreshToken: second.refreshToken } });
    expect((await logout()).status).toBe(204);
    expect((await refresh(second.refreshToken)).status).toBe(401);
    expect((await logout()).status).toBe(204);
    const bad = await call('POST', `${auth.url}/auth/logout`, { body: {} });
    expect([bad.status, wrongFields(bad)]).toEqual([400, ['refreshToken']]);
  });
});

describe('GET /auth/me', () => {
  it('answers the user, and nothing secret', async () => {
    const { accessToken } = (await login(CUSTOMER)).body;
    const { status, body } = await call<UserView>('GET', `${auth.url}/auth/me`, { token: accessToken });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: 7,
      email: 'customer@example.com',
      name: 'Cleo Customer',
      roles: ['customer'],
      shopIds: [],
      permissions: [],
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('refuses no token, a bad one and an expired one', async () => {
    const refusal = async (token?: string): Promise<unknown[]> => {
      const { status, body } = await call('GET', `${auth.url}/auth/me`, token === undefined ? {} : { token });
      return [status, body.error.code];
    };
    expect(await refusal()).toEqual([401, 'auth_required']);
    expect(await refusal('not.a.token')).toEqual([401, 'token_invalid']);
    expect(await refusal(new Tokens('another secret').of('customer', 7))).toEqual([401, 'token_invalid']);
    expect(await refusal(tokens.expired('customer', 7))).toEqual([401, 'token_expired']);
  });

  it.each(['order-service', '0', '-1', '1e3', '99999999', '99999999999999'])(
    'finds nobody for a token of %s',
    async (sub) => {
      const { status } = await call('GET', `${auth.url}/auth/me`, { token: tokens.of('service', sub) });
      expect(status).toBe(404);
    },
  );
});

describe('/auth/users/:id/roles', () => {
  const url = (id: number | string): string => `${auth.url}/auth/users/${id}/roles`;

  it('is read by oneself, an admin and a service', async () => {
    for (const token of [tokens.of('customer', 7), tokens.of('admin', 1), tokens.of('service', 'order')]) {
      const { status, body } = await call<UserRoles>('GET', url(7), { token });
      expect([status, body]).toEqual([200, { userId: 7, roles: ['customer'] }]);
    }
  });

  it('is refused to others, for nobody, and for what is no id', async () => {
    expect((await call('GET', url(7))).status).toBe(401);
    expect((await call('GET', url(7), { token: tokens.of('customer', 8) })).status).toBe(403);
    expect((await call('GET', url(7), { token: tokens.of('staff', 2) })).status).toBe(403);
    expect((await call('GET', url(4_711), { token: tokens.of('admin', 1) })).status).toBe(404);
    for (const id of ['0', '-1', 'x', '1.5', '2147483648', '%00', 'NaN', '%F0%9F%99%82']) {
      expect((await call('GET', url(id), { token: tokens.of('admin', 1) })).status).toBe(400);
    }
  });

  it('is changed by an admin, and shows in the tokens issued from then on', async () => {
    const token = tokens.of('admin', 1);
    const body = { email: 'rising@example.com', password: 'rising-password', name: 'Rising' };
    const { user, refreshToken } = (await call<Session>('POST', `${auth.url}/auth/register`, { body })).body;
    const changed = await call<UserRoles>('PUT', url(user.id), { token, body: { roles: ['staff', 'customer'] } });
    expect([changed.status, changed.body]).toEqual([200, { userId: user.id, roles: ['staff', 'customer'] }]);
    const { accessToken } = (await refresh(refreshToken)).body;
    expect(claimsOf(accessToken)['roles']).toEqual(['staff', 'customer']);
  });

  it('is changed by no one else, and to nothing unknown', async () => {
    const body = { roles: ['admin'] };
    expect((await call('PUT', url(8), { body })).status).toBe(401);
    expect((await call('PUT', url(8), { body, token: tokens.expired('admin', 1) })).body.error.code).toBe(
      'token_expired',
    );
    for (const token of [tokens.of('customer', 8), tokens.of('staff', 2), tokens.of('service', 'order')]) {
      expect((await call('PUT', url(8), { body, token })).status).toBe(403);
    }
    const token = tokens.of('admin', 1);
    expect((await call('PUT', url(4_711), { body, token })).status).toBe(404);
    for (const roles of [undefined, 'admin', [], ['king'], ['admin', 'admin'], [['admin']], [null]]) {
      const answer = await call('PUT', url(8), { body: { roles }, token });
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['roles']]);
    }
  });

  it('lets only a super_admin make a super_admin', async () => {
    const body = { roles: ['super_admin'] };
    expect((await call('PUT', url(2), { body, token: tokens.of('admin', 1) })).status).toBe(403);
    expect((await call('PUT', url(2), { body, token: tokens.of('super_admin', 99) })).status).toBe(200);
    const back = { roles: ['staff'] };
    expect((await call('PUT', url(2), { body: back, token: tokens.of('admin', 1) })).status).toBe(403);
    expect((await call('PUT', url(2), { body: back, token: tokens.of('super_admin', 99) })).status).toBe(200);
  });
});

describe('the service', () => {
  it('says that it is healthy', async () => {
    const { status, body } = await call<unknown>('GET', `${auth.url}/auth/health`);
    expect([status, body]).toEqual([200, { status: 'OK', service: 'auth', timestamp: expect.any(String) }]);
  });

  it('keeps users, roles and sessions over a restart', async () => {
    const body = { email: 'lasting@example.com', password: 'lasting-password', name: 'Lasting' };
    const before = (await call<Session>('POST', `${auth.url}/auth/register`, { body })).body;
    const { refreshToken } = (await refresh(before.refreshToken)).body;
    await auth.stop();
    auth = await start();
    expect((await refresh(before.refreshToken)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    const { status, body: after } = await login({ email: body.email, password: body.password });
    expect([status, after.user]).toEqual([200, before.user]);
    const { refreshToken: kept } = after;
    await auth.stop();
    auth = await start();
    expect((await refresh(kept)).status).toBe(200);
  });
});
