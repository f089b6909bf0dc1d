import { beforeAll, describe, expect, it } from '@jest/globals';
import { AuthUnderTest, claimsOf, CUSTOMER, statuses } from './auth-service.js';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { wrongFields } from './helpers/http.js';

let environment: TestEnvironment;
let auth: AuthUnderTest;

beforeAll(async () => {
  environment = await testEnvironment();
  auth = await AuthUnderTest.start(environment);
});

describe('POST /auth/refresh', () => {
  it('rotates: a new pair, that can be refreshed again', async () => {
    const first = (await auth.login(CUSTOMER)).body;
    const second = await auth.refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect(second.body.user).toEqual(first.user);
    expect(second.body.refreshToken).not.toBe(first.refreshToken);
    expect(claimsOf(second.body.accessToken)['jti']).not.toBe(claimsOf(first.accessToken)['jti']);
    expect((await auth.refresh(second.body.refreshToken)).status).toBe(200);
  });

  it('ends the whole family where a used token comes back, and no other login', async () => {
    const other = (await auth.login(CUSTOMER)).body;
    const first = (await auth.login(CUSTOMER)).body;
    const second = (await auth.refresh(first.refreshToken)).body;
    const reused = await auth.post('refresh', { refreshToken: first.refreshToken });
    expect([reused.status, reused.body.error.code]).toEqual([401, 'token_invalid']);
    expect((await auth.refresh(second.refreshToken)).status).toBe(401);
    expect((await auth.refresh(other.refreshToken)).status).toBe(200);
  });

  it('lets exactly one of several concurrent refreshes win, and its session goes on', async () => {
    for (let round = 0; round < 5; round++) {
      const { refreshToken } = (await auth.login(CUSTOMER)).body;
      const answers = await Promise.all(Array.from({ length: 6 }, () => auth.refresh(refreshToken)));
      expect(statuses(answers)).toEqual([200, 401, 401, 401, 401, 401]);
      const winner = answers.find(({ status }) => status === 200);
      expect((await auth.refresh(winner?.body.refreshToken ?? '')).status).toBe(200);
    }
  });

  it('refuses what it never issued, and a bad body', async () => {
    const unknown = await auth.post('refresh', { refreshToken: 'made-up' });
    expect([unknown.status, unknown.body.error.code]).toEqual([401, 'token_invalid']);
    for (const body of [{}, { refreshToken: 7 }, { refreshToken: '' }, { refreshToken: 'x'.repeat(513) }]) {
      const answer = await auth.post('refresh', body);
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['refreshToken']]);
    }
  });

  it('refuses an expired one', async () => {
    const brief = await AuthUnderTest.start(environment, { REFRESH_EXPIRES_IN: '1s' });
    const { refreshToken } = (await brief.login(CUSTOMER)).body;
    // Its second begins at the login: it is over when this timer, started after that, rings.
    await new Promise((resolve) => setTimeout(resolve, 1_010));
    expect((await brief.refresh(refreshToken)).status).toBe(401);
    await brief.stop();
  });
});

describe('POST /auth/logout', () => {
  it('ends the session, and may be said twice', async () => {
    const first = (await auth.login(CUSTOMER)).body;
    const { refreshToken } = (await auth.refresh(first.refreshToken)).body;
    expect((await auth.post('logout', { refreshToken })).status).toBe(204);
    expect((await auth.refresh(refreshToken)).status).toBe(401);
    expect((await auth.post('logout', { refreshToken })).status).toBe(204);
  });

  it('refuses a bad body', async () => {
    const answer = await auth.post('logout', {});
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['refreshToken']]);
  });
});

describe('a restart of the service', () => {
  it('keeps users, sessions, and which of their tokens are used', async () => {
    const account = { email: 'lasting@example.com', password: 'lasting-password' };
    const { user, refreshToken } = (await auth.register({ ...account, name: 'Lasting' })).body;
    const used = (await auth.login(account)).body;
    await auth.refresh(used.refreshToken);
    await auth.restart();
    expect((await auth.login(account)).body.user).toEqual(user);
    expect((await auth.refresh(refreshToken)).status).toBe(200);
    expect((await auth.refresh(used.refreshToken)).status).toBe(401);
  });
});
