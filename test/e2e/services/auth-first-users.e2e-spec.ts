import { beforeAll, describe, expect, it } from '@jest/globals';
import { EnvironmentError, readEnv } from '@lib/service';
import { AuthServiceModule } from '../../../apps/auth/src/app.module.js';
import { authEnv } from '../../../apps/auth/src/config.js';
import type { Session } from '../../../apps/auth/src/sessions/session.dto.js';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { call } from './helpers/http.js';
import { startService, type RunningService } from './helpers/service.js';

const ADMIN = { email: 'root@example.com', password: 'first-admin-password' };

let environment: TestEnvironment;

async function start(extra: Record<string, string>): Promise<RunningService> {
  const config = readEnv(authEnv, { ...environment, ...extra });
  return startService('auth', config, AuthServiceModule.forRoot(config));
}

const login = (service: RunningService, body: unknown) => call<Session>('POST', `${service.url}/auth/login`, { body });

function problemsOf(extra: Record<string, string>): readonly string[] {
  try {
    readEnv(authEnv, extra);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
  }
  return [];
}

describe('the first users in production', () => {
  beforeAll(async () => {
    environment = { ...(await testEnvironment()), NODE_ENV: 'production' };
  });

  it('are none by themselves: the sample users do not exist', async () => {
    const auth = await start({});
    expect((await login(auth, { email: 'admin@example.com', password: 'admin-password' })).status).toBe(401);
    await auth.stop();
  });

  it('are the admin that the environment names', async () => {
    const auth = await start({ AUTH_ADMIN_EMAIL: 'Root@Example.com', AUTH_ADMIN_PASSWORD: ADMIN.password });
    const { status, body } = await login(auth, ADMIN);
    expect([status, body.user.email, body.user.roles]).toEqual([200, ADMIN.email, ['admin']]);
    const registered = await call<Session>('POST', `${auth.url}/auth/register`, {
      body: { email: 'next@example.com', password: 'next-password', name: 'Next' },
    });
    expect(registered.status).toBe(201);
    await auth.stop();
  });

  it('are made once: where there are users, the environment makes no other admin', async () => {
    const auth = await start({ AUTH_ADMIN_EMAIL: 'late@example.com', AUTH_ADMIN_PASSWORD: ADMIN.password });
    expect((await login(auth, { ...ADMIN, email: 'late@example.com' })).status).toBe(401);
    expect((await login(auth, ADMIN)).status).toBe(200);
    await auth.stop();
  });
});

describe('the first users in development', () => {
  it('are the sample users and the admin that the environment names, also where two processes start at once', async () => {
    environment = await testEnvironment();
    const extra = { AUTH_ADMIN_EMAIL: ADMIN.email, AUTH_ADMIN_PASSWORD: ADMIN.password };
    const [auth, other] = await Promise.all([start(extra), start(extra)]);
    const sample = await login(auth, { email: 'other@example.com', password: 'other-password' });
    expect([sample.status, sample.body.user.id]).toEqual([200, 8]);
    const { body } = await login(other, ADMIN);
    expect(body.user.roles).toEqual(['admin']);
    expect(body.user.id).toBeGreaterThan(8);
  });
});

describe('the configuration', () => {
  it('names the variable and what it should be, never its value', () => {
    expect(problemsOf({ AUTH_ADMIN_EMAIL: 'a@example.com' })).toEqual([
      'AUTH_ADMIN_PASSWORD: must be set together with AUTH_ADMIN_EMAIL, or neither',
    ]);
    expect(problemsOf({ REFRESH_EXPIRES_IN: 'soon' })).toEqual([
      'REFRESH_EXPIRES_IN: must be a span such as 7d, 12h or 30m',
    ]);
    expect(problemsOf({ AUTH_ADMIN_EMAIL: 'a@example.com', AUTH_ADMIN_PASSWORD: 'hush' }).join()).not.toContain('hush');
  });
});
