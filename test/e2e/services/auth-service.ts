import { readEnv } from '@lib/service';
import { AuthServiceModule } from '../../../apps/auth/src/app.module.js';
import { authEnv } from '../../../apps/auth/src/config.js';
import type { Session } from '../../../apps/auth/src/sessions/session.dto.js';
import type { TestEnvironment } from './helpers/environment.js';
import { call, type Answer, type Refusal } from './helpers/http.js';
import { NO_GATEWAY } from './helpers/inventory.js';
import { startService, type RunningService } from './helpers/service.js';

export const CUSTOMER = { email: 'customer@example.com', password: 'customer-password' };

/** The auth service of a suite, and what a front end does with it. */
export class AuthUnderTest {
  private constructor(
    private readonly environment: TestEnvironment,
    private service: RunningService,
  ) {}

  static async start(environment: TestEnvironment, extra: Record<string, string> = {}): Promise<AuthUnderTest> {
    return new AuthUnderTest(environment, await startAuth({ ...environment, ...extra }));
  }

  async restart(): Promise<void> {
    await this.service.stop();
    this.service = await startAuth(this.environment);
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  url(path: string): string {
    return `${this.service.url}/auth/${path}`;
  }

  post(path: string, body: unknown): Promise<Answer<Refusal>> {
    return call('POST', this.url(path), { body });
  }

  login(body: { email: string; password: string }): Promise<Answer<Session>> {
    return call<Session>('POST', this.url('login'), { body });
  }

  register(body: { email: string; password: string; name: string }): Promise<Answer<Session>> {
    return call<Session>('POST', this.url('register'), { body });
  }

  refresh(refreshToken: string): Promise<Answer<Session>> {
    return call<Session>('POST', this.url('refresh'), { body: { refreshToken } });
  }
}

function startAuth(environment: Record<string, string>): Promise<RunningService> {
  const config = readEnv(authEnv, { API_GATEWAY_URL: NO_GATEWAY, ...environment });
  return startService('auth', config, AuthServiceModule.forRoot(config));
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** Statuses in ascending order, for answers whose own order is a matter of chance. */
export function statuses(answers: readonly { status: number }[]): number[] {
  return answers.map(({ status }) => status).sort((a, b) => a - b);
}
