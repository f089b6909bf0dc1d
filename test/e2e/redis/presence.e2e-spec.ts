import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisPresence } from '../../../libs/realtime/src/presence/presence.redis.js';
import { RedisLink } from '../../../libs/realtime/src/redis/redis-link.js';
import { startRedis } from '../../infra/redis.js';
import { until } from '../../infra/until.js';
import { recordLog } from './log.js';
import { place, type Place } from './site.js';

interface Node {
  presence: RedisPresence;
  link: RedisLink;
}

const everybody = { offset: 0, limit: 100 };

describe('RedisPresence', () => {
  let at: Place;
  let nodes: Node[];
  const node = (options: { url: string; prefix: string } = at): Node => {
    const link = new RedisLink(options);
    const made = { link, presence: new RedisPresence(link) };
    nodes.push(made);
    return made;
  };
  const end = async ({ presence, link }: Node): Promise<void> => {
    await presence.close();
    link.close();
  };
  beforeEach(() => {
    at = place();
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map(end));
    await at.dispose();
  });

  it('knows everybody on every node, counts their sockets, and when they left', async () => {
    const [one, other] = [node().presence, node().presence];
    one.connected('7', 'a');
    one.connected('8', 'b');
    one.connected('8', 'b2');
    expect(await one.of('7')).toEqual({ online: true, connections: 1 });
    expect(await other.of('7')).toEqual({ online: true, connections: 1 });
    other.connected('7', 'c');
    other.connected('9', 'd');
    expect(await other.of('7')).toEqual({ online: true, connections: 2 });
    expect(await other.online(everybody)).toEqual({ count: 3, users: ['7', '8', '9'] });
    expect(await other.online({ offset: 1, limit: 1 })).toEqual({ count: 3, users: ['8'] });
    expect(await other.online({ offset: 0, limit: 0 })).toEqual({ count: 3, users: [] });

    one.disconnected('7', 'a');
    one.disconnected('7', 'a');
    one.disconnected('7', 'unknown');
    expect(await one.of('7')).toEqual({ online: true, connections: 1 });
    const before = Date.now();
    other.disconnected('7', 'c');
    const { lastSeenAt, ...rest } = await other.of('7');
    expect(rest).toEqual({ online: false, connections: 0 });
    expect(Math.abs(Date.parse(lastSeenAt ?? '') - before)).toBeLessThan(1_000);
    expect(await one.of('7')).toMatchObject({ online: false, lastSeenAt });
    expect(await one.of('nobody')).toEqual({ online: false, connections: 0 });
    one.connected('7', 'e');
    expect(await other.online(everybody)).toEqual({ count: 2, users: ['8', '9'] });
    await until('7 is told', async () => (await other.of('7')).online);
    expect(await other.of('7')).toEqual({ online: true, connections: 1 });
  });

  it('forgets what a node said when it closes, and leaves no key of it', async () => {
    const [one, other] = [node(), node()];
    for (let user = 0; user < 1_200; user++) one.presence.connected(String(user), `s${user}`);
    expect(await one.presence.online(everybody)).toMatchObject({ count: 1_200 });
    other.presence.connected('0', 'elsewhere');
    await end(one);
    expect(await other.presence.online(everybody)).toEqual({ count: 1, users: ['0'] });
    expect(await at.keys('presence:node:*')).toHaveLength(1);
  });

  it('forgets within 10 seconds what a killed node said', async () => {
    const [killed, other] = [node(), node()];
    for (let user = 0; user < 700; user++) killed.presence.connected(String(user), `s${user}`);
    other.presence.connected('0', 'elsewhere');
    await killed.presence.online(everybody);
    expect((await other.presence.online(everybody)).count).toBe(700);
    const before = Date.now();
    // From here on Redis hears as little from it as after a kill -9.
    killed.link.close();
    await until('it is forgotten', async () => (await other.presence.online(everybody)).count === 1);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(await other.presence.of('0')).toEqual({ online: true, connections: 1 });
    const { online, lastSeenAt } = await other.presence.of('1');
    expect(online).toBe(false);
    expect(Math.abs(Date.parse(lastSeenAt ?? '') - before)).toBeLessThan(3_000);
    expect(await at.keys('presence:node:*')).toHaveLength(1);
  });

  it('is right again after Redis was away, and after it has lost everything', async () => {
    const log = recordLog();
    await using redis = await startRedis();
    const own = place(redis.env['REDIS_URL']);
    const [one, other] = [node(own), node(own)];
    one.presence.connected('1', 'a');
    one.presence.connected('2', 'b');
    other.presence.connected('3', 'c');
    await Promise.all([one.presence.online(everybody), other.presence.online(everybody)]);

    await redis.kill();
    one.presence.disconnected('1', 'a');
    one.presence.connected('4', 'd');
    await expect(other.presence.of('1')).rejects.toMatchObject({ code: 'unavailable' });
    await redis.restart();
    const users = async (): Promise<string[]> =>
      other.presence.online(everybody).then(
        (page) => page.users.sort(),
        () => [],
      );
    await until('all is told', async () => (await users()).join() === '2,3,4');

    await own.client.flushall();
    await until('all is told again', async () => (await users()).join() === '2,3,4');
    expect(await other.presence.of('2')).toMatchObject({ connections: 1 });
    await Promise.all([end(one), end(other)]);
    expect(await own.keys('presence:node:*')).toEqual([]);
    await own.dispose();
    log.restore();
  });
});
