import { describe, expect, it, beforeAll } from '@jest/globals';
import type { Role } from '@lib/auth';
import type { GatewayHealth, GatewayStats, Id } from '@lib/events';
import { call, wrongFields, type Answer } from '../../e2e/services/helpers/http.js';
import { until } from '../../infra/until.js';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { allDelivered } from '../../support/notify.js';

const ISO = /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/;

interface UserOnline {
  userId: string | number;
  online: boolean;
  connections: number;
  lastSeenAt?: string;
}

const byName = (ids: readonly Id[]): Id[] => ids.toSorted((one, other) => String(one).localeCompare(String(other)));

describe('OMS contract: health and statistics', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
    const { url, tokens } = gateway;
    await connect(url, tokens.of('customer', 1));
    await connect(url, tokens.of('customer', 1));
    const admin = await connect(url, tokens.of('admin', 2));
    await admin.ask('subscribe_to_orders');
    const staff = await connect(url, tokens.of('staff', 'staff-3'));
    await staff.ask('subscribe_to_orders');
    await staff.ask('subscribe_to_inventory');
  });

  const get = <T>(path: string, role?: Role): Promise<Answer<T>> =>
    call<T>('GET', gateway.url + path, role ? { token: gateway.tokens.of(role, 'asker') } : {});
  const counts = { connectedClients: 4, authenticatedUsers: 3 };
  const details = {
    ...counts,
    onlineUsers: [1, 2, 'staff-3'],
    rooms: {
      user_1: 2,
      user_2: 1,
      'user_staff-3': 1,
      role_customer: 2,
      role_admin: 1,
      role_staff: 1,
      order_updates: 2,
      inventory_updates: 1,
    },
  };

  it('shows anyone that it is well, and how many are connected', async () => {
    expect(await get('/websocket/health')).toMatchObject({
      status: 200,
      body: { status: 'OK', timestamp: expect.stringMatching(ISO), stats: counts },
    });
  });

  it.each<Role | undefined>([undefined, 'customer', 'staff'])('shows %s no users and no rooms', async (role) => {
    const { body } = await get<GatewayHealth>('/websocket/health', role);
    expect(Object.keys(body)).toEqual(['status', 'timestamp', 'stats']);
    expect(body.stats).toEqual(counts);
  });

  it.each<Role>(['admin', 'service', 'super_admin'])(
    'shows %s who is online and the rooms by their names',
    async (role) => {
      const { status, body } = await get<GatewayHealth>('/websocket/health', role);
      expect([status, body.status]).toEqual([200, 'OK']);
      expect({ ...body.stats, onlineUsers: byName(body.stats.onlineUsers ?? []) }).toEqual(details);
    },
  );

  it('gives statistics: the above, uptime, memory, and messages by node and over all', async () => {
    const { body } = await get<GatewayStats>('/websocket/stats', 'admin');
    expect({ ...body, onlineUsers: byName(body.onlineUsers) }).toMatchObject({
      ...details,
      timestamp: expect.stringMatching(ISO),
      uptime: expect.any(Number),
      memory: { rss: expect.any(Number), heapUsed: expect.any(Number) },
    });
    const nodes = Object.values(body.nodes);
    expect(nodes).toHaveLength(1);
    expect(body.total).toEqual(nodes[0]);
    const { messagesIn, messagesOut, resumes, slowDisconnects } = body.total;
    expect([messagesIn, messagesOut, resumes, slowDisconnects].every(Number.isInteger)).toBe(true);
  });

  it('counts messages in and out', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 50));
    const before = (await get<GatewayStats>('/websocket/stats', 'admin')).body.total;
    for (let sent = 0; sent < 3; sent++) await client.ask('ping');
    await allDelivered(gateway, client);
    const after = (await get<GatewayStats>('/websocket/stats', 'admin')).body.total;
    expect(after.messagesIn - before.messagesIn).toBe(3);
    expect(after.messagesOut).toBeGreaterThan(before.messagesOut);
    client.socket.disconnect();
  });
});

describe('OMS contract: health of a gateway that cannot ask what nodes share', () => {
  it.each<Role | undefined>([undefined, 'service', 'admin'])('says so, and why, to %s', async (role) => {
    const gateway = await runGateway({ REDIS_URL: 'redis://127.0.0.1:9' });
    const token = role && { token: gateway.tokens.of(role, 'asker') };
    const health = (): Promise<Answer<GatewayHealth>> => call('GET', `${gateway.url}/websocket/health`, token);
    await until('it has noticed', async () => (await health()).body.status !== 'OK');
    expect(await health()).toMatchObject({
      status: 503,
      body: { status: 'DEGRADED', reason: expect.any(String), stats: { connectedClients: 0 } },
    });
  });
});

describe('OMS contract: who is online', () => {
  let gateway: RunningGateway;
  const get = <T>(path: string, role: Role = 'staff'): Promise<Answer<T>> =>
    call<T>('GET', gateway.url + path, { token: gateway.tokens.of(role, 'asker') });
  const online = async (userId: string): Promise<UserOnline> =>
    (await get<UserOnline>(`/websocket/users/${encodeURIComponent(userId)}/online`)).body;

  beforeAll(async () => {
    gateway = await runGateway();
  });

  it('says how many connections a user has, and when the last of them ended', async () => {
    expect(await online('7')).toEqual({ userId: 7, online: false, connections: 0 });
    const one = await connect(gateway.url, gateway.tokens.of('customer', 7));
    const other = await connect(gateway.url, gateway.tokens.of('customer', 7));
    expect(await online('7')).toEqual({ userId: 7, online: true, connections: 2 });
    one.socket.disconnect();
    await until('one connection is left', async () => (await online('7')).connections === 1);
    other.socket.disconnect();
    await until('none is left', async () => !(await online('7')).online);
    expect(await online('7')).toEqual({
      userId: 7,
      online: false,
      connections: 0,
      lastSeenAt: expect.stringMatching(ISO),
    });
  });

  it.each(['user-a1', 'a b/c', 'ü', '007', 'x'.repeat(128), 'ü'.repeat(128)])('knows the user %j', async (userId) => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', userId));
    expect(await online(userId)).toEqual({ userId, online: true, connections: 1 });
    client.socket.disconnect();
  });

  it.each(['x'.repeat(129), '%E0%A4%A', '%ff'])('answers 400 for the user id %j', async (userId) => {
    const answer = await get(`/websocket/users/${userId}/online`);
    expect(answer).toMatchObject({ status: 400, body: { success: false, error: { code: 'invalid_payload' } } });
  });

  it('lists everyone in pages', async () => {
    const paged = await runGateway();
    const token = paged.tokens.of('admin', 'asker');
    const ids = [1, 2, 3, 4, 'five'];
    for (const id of ids) await connect(paged.url, paged.tokens.of('customer', id));
    await connect(paged.url, paged.tokens.of('customer', 1));
    const page = async (query: string): Promise<unknown> =>
      (await call<unknown>('GET', `${paged.url}/websocket/users/online${query}`, { token })).body;

    expect(await page('')).toEqual({ count: 5, users: expect.arrayContaining(ids) });
    const [first, second, third] = [
      (await page('?limit=2')) as { users: unknown[] },
      (await page('?limit=2&offset=2')) as { users: unknown[] },
      (await page('?limit=2&offset=4')) as { users: unknown[] },
    ];
    expect([first.users.length, second.users.length, third.users.length]).toEqual([2, 2, 1]);
    expect(new Set([...first.users, ...second.users, ...third.users])).toEqual(new Set(ids));
    expect(await page('?offset=100')).toEqual({ count: 5, users: [] });
  });

  it.each([
    ['?limit=0', ['limit']],
    ['?limit=1001', ['limit']],
    ['?limit=ten', ['limit']],
    ['?limit=1.5', ['limit']],
    ['?limit=1&limit=2', ['limit']],
    ['?offset=-1', ['offset']],
    ['?offset=1e400', ['offset']],
    ['?limit=&offset=x', ['limit', 'offset']],
    ['?page=2', ['page']],
  ])('refuses the page %s, naming what is wrong', async (query, fields) => {
    const answer = await call('GET', `${gateway.url}/websocket/users/online${query}`, {
      token: gateway.tokens.of('admin', 1),
    });
    expect([answer.status, wrongFields(answer)]).toEqual([400, fields]);
  });
});
