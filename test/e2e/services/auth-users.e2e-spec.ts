import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@lib/auth';
import type { UserRoles, UserView } from '../../../apps/auth/src/users/user.dto.js';
import { AuthUnderTest, claimsOf, CUSTOMER } from './auth-service.js';
import { testEnvironment } from './helpers/environment.js';
import { call, wrongFields, type Answer, type Refusal } from './helpers/http.js';
import { Tokens } from './helpers/tokens.js';

let auth: AuthUnderTest;
let tokens: Tokens;

const changeStaff = (role: Role, roles: Role[]): Promise<Answer<Refusal>> =>
  call('PUT', rolesOf(2), { body: { roles }, token: tokens.of(role, 1) });
const rolesOf = (id: number | string): string => auth.url(`users/${id}/roles`);

beforeAll(async () => {
  const environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  auth = await AuthUnderTest.start(environment);
});

describe('GET /auth/me', () => {
  it('answers the user, and nothing secret', async () => {
    const { accessToken } = (await auth.login(CUSTOMER)).body;
    const { status, body } = await call<UserView>('GET', auth.url('me'), { token: accessToken });
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
    const missing = await call('GET', auth.url('me'));
    expect([missing.status, missing.body.error.code]).toEqual([401, 'auth_required']);
    for (const [token, code] of [
      ['not.a.token', 'token_invalid'],
      [new Tokens('another secret').of('customer', 7), 'token_invalid'],
      [tokens.expired('customer', 7), 'token_expired'],
    ] as const) {
      const refused = await call('GET', auth.url('me'), { token });
      expect([refused.status, refused.body.error.code]).toEqual([401, code]);
    }
  });

  it.each(['order-service', '0', '-1', '1e3', '99999999', '99999999999999'])(
    'finds nobody for a token of %s',
    async (sub) => {
      const { status } = await call('GET', auth.url('me'), { token: tokens.of('service', sub) });
      expect(status).toBe(404);
    },
  );
});

describe('/auth/users/:id/roles', () => {
  it('is read by oneself, an admin and a service', async () => {
    for (const token of [tokens.of('customer', 7), tokens.of('admin', 1), tokens.of('service', 'order')]) {
      const { status, body } = await call<UserRoles>('GET', rolesOf(7), { token });
      expect([status, body]).toEqual([200, { userId: 7, roles: ['customer'] }]);
    }
  });

  it('is refused to others, for nobody, and for what is no id', async () => {
    expect((await call('GET', rolesOf(7))).status).toBe(401);
    expect((await call('GET', rolesOf(7), { token: tokens.of('customer', 8) })).status).toBe(403);
    expect((await call('GET', rolesOf(7), { token: tokens.of('staff', 2) })).status).toBe(403);
    expect((await call('GET', rolesOf(4_711), { token: tokens.of('admin', 1) })).status).toBe(404);
    for (const id of ['0', '-1', 'x', '1.5', '2147483648', '%00', 'NaN', '%F0%9F%99%82']) {
      expect((await call('GET', rolesOf(id), { token: tokens.of('admin', 1) })).status).toBe(400);
    }
  });

  it('is changed by an admin, and shows in the tokens issued from then on', async () => {
    const account = { email: 'rising@example.com', password: 'rising-password', name: 'Rising' };
    const { user, refreshToken } = (await auth.register(account)).body;
    const changed = await call<UserRoles>('PUT', rolesOf(user.id), {
      token: tokens.of('admin', 1),
      body: { roles: ['staff', 'customer'] },
    });
    expect([changed.status, changed.body]).toEqual([200, { userId: user.id, roles: ['staff', 'customer'] }]);
    const { accessToken } = (await auth.refresh(refreshToken)).body;
    expect(claimsOf(accessToken)['roles']).toEqual(['staff', 'customer']);
  });

  it('is changed by no one else', async () => {
    const body = { roles: ['admin'] };
    expect((await call('PUT', rolesOf(8), { body })).status).toBe(401);
    expect((await call('PUT', rolesOf(8), { body, token: tokens.expired('admin', 1) })).status).toBe(401);
    for (const token of [tokens.of('customer', 8), tokens.of('staff', 2), tokens.of('service', 'order')]) {
      expect((await call('PUT', rolesOf(8), { body, token })).status).toBe(403);
    }
  });

  it('is changed for nobody unknown, and to nothing unknown', async () => {
    const token = tokens.of('admin', 1);
    expect((await call('PUT', rolesOf(4_711), { body: { roles: ['staff'] }, token })).status).toBe(404);
    for (const roles of [undefined, 'admin', [], ['king'], ['admin', 'admin'], [['admin']], [null]]) {
      const answer = await call('PUT', rolesOf(8), { body: { roles }, token });
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['roles']]);
    }
  });

  it('makes and unmakes a super_admin for a super_admin alone', async () => {
    expect((await changeStaff('admin', ['super_admin'])).status).toBe(403);
    expect((await changeStaff('super_admin', ['super_admin'])).status).toBe(200);
    expect((await changeStaff('admin', ['staff'])).status).toBe(403);
    expect((await changeStaff('super_admin', ['staff'])).status).toBe(200);
  });
});
