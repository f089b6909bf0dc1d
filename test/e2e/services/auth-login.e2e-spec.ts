import { beforeAll, describe, expect, it } from '@jest/globals';
import { SAMPLE_USERS } from '../../../apps/auth/src/sample-users.js';
import { AuthUnderTest, claimsOf, CUSTOMER, statuses } from './auth-service.js';
import { testEnvironment } from './helpers/environment.js';
import { call, wrongFields } from './helpers/http.js';

let auth: AuthUnderTest;

beforeAll(async () => {
  auth = await AuthUnderTest.start(await testEnvironment());
});

describe('POST /auth/login', () => {
  it.each(SAMPLE_USERS)('logs the sample user $email in', async ({ id, email, name, password, roles }) => {
    const { status, body } = await auth.login({ email, password });
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
    expect((await auth.login({ ...CUSTOMER, email: 'Customer@Example.COM' })).status).toBe(200);
  });

  it('refuses a wrong password and an unknown address with one and the same answer', async () => {
    const wrong = await auth.post('login', { ...CUSTOMER, password: 'no' });
    const unknown = await auth.post('login', { email: 'x@example.com', password: 'no' });
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
    const answer = await auth.post('login', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_payload']);
    expect(wrongFields(answer)).toEqual(fields);
  });

  it('refuses a body that is nested without end', async () => {
    const answer = await auth.post('login', `${'{"email":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_payload']);
  });

  it.each(['{"email":', '[]', '"text"', 'null', '[{"email":"a"}]'])('refuses the body %s', async (body) => {
    const answer = await auth.post('login', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_payload']);
  });

  it('lets no further guess through after ten failures, even the right one, and others go on', async () => {
    const email = 'staff@example.com';
    const guesses = Array.from({ length: 10 }, (_, guess) => auth.login({ email, password: `guess-${guess}` }));
    expect(new Set(statuses(await Promise.all(guesses)))).toEqual(new Set([401]));

    const limited = await auth.post('login', { email: 'STAFF@example.com', password: 'staff-password' });
    expect([limited.status, limited.body.error.code]).toEqual([429, 'rate_limited']);
    expect(limited.body.error.details).toEqual({ retryAfterSeconds: expect.any(Number) });
    expect((await auth.login(CUSTOMER)).status).toBe(200);
  });

  it('forgets the failures once the right password was given', async () => {
    const body = { email: 'forgiven@example.com', password: 'forgiven-password' };
    await auth.register({ ...body, name: 'Forgiven' });
    for (let round = 0; round < 2; round++) {
      const guesses = Array.from({ length: 9 }, () => auth.login({ ...body, password: 'wrong' }));
      expect(new Set(statuses(await Promise.all(guesses)))).toEqual(new Set([401]));
      expect((await auth.login(body)).status).toBe(200);
    }
  });

  it('lets one user log in from many places at once', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => auth.login(CUSTOMER)));
    expect(new Set(statuses(answers))).toEqual(new Set([200]));
  });
});

describe('POST /auth/register', () => {
  const valid = { email: 'a@example.com', password: '12345678', name: 'a' };

  it('makes a customer who can log in, with an id no sample user has', async () => {
    const body = { email: 'New.One@Example.com', password: 'a-good-password', name: 'Zoë' };
    const registered = await auth.register(body);
    expect(registered.status).toBe(201);
    expect(registered.body.user).toEqual({
      id: expect.any(Number),
      email: 'new.one@example.com',
      name: 'Zoë',
      roles: ['customer'],
    });
    expect(registered.body.user.id).toBeGreaterThan(8);
    const { body: session } = await auth.login({ email: body.email, password: body.password });
    expect(session.user).toEqual(registered.body.user);
  });

  it('takes one address once, whatever its case, also where two register at once', async () => {
    const twins = ['twin@example.com', 'TWIN@example.com'].map((email) => auth.register({ ...valid, email }));
    expect(statuses(await Promise.all(twins))).toEqual([201, 409]);
    const taken = await auth.post('register', { ...valid, email: 'customer@EXAMPLE.com' });
    expect([taken.status, taken.body.error.code]).toEqual([409, 'conflict']);
  });

  it.each([
    ['nothing', {}, ['email', 'name', 'password']],
    ['what is too short', { email: 'a@', password: '1234567', name: '' }, ['email', 'name', 'password']],
    ['a NUL in the name', { ...valid, name: 'a\0b' }, ['name']],
    ['half a character', { ...valid, email: 'a\ud800@example.com', name: '\ud800' }, ['email', 'name']],
    ['an endless address', { ...valid, email: `${'a'.repeat(64)}@${'b.'.repeat(120)}example.com` }, ['email']],
    ['roles of its own choice', { ...valid, roles: ['admin'] }, ['roles']],
  ])('refuses %s and names the fields', async (_, body, fields) => {
    const answer = await auth.post('register', body);
    expect([answer.status, wrongFields(answer)]).toEqual([400, fields]);
  });
});

describe('GET /auth/health', () => {
  it('says that the service is healthy', async () => {
    const { status, body } = await call<unknown>('GET', auth.url('health'));
    const outbox = { waiting: expect.any(Number), oldestMs: expect.any(Number), failed: 0 };
    expect([status, body]).toEqual([200, { status: 'OK', service: 'auth', timestamp: expect.any(String), outbox }]);
  });
});
