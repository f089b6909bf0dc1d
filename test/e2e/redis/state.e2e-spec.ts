import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BusMessage } from '../../../libs/realtime/src/bus/bus.js';
import { redisState } from '../../../libs/realtime/src/redis/redis-state.js';
import { SESSION_LIFETIME } from '../../../libs/realtime/src/sessions/sessions.js';
import { closeState, type SharedState } from '../../../libs/realtime/src/shared-state.js';
import { startRedis } from '../../infra/redis.js';
import { until } from '../../infra/until.js';
import { recordLog } from './log.js';
import { proxyTo } from './proxy.js';
import { place, type Place } from './site.js';

const goodbye = (userId: string): BusMessage => ({ kind: 'disconnect', userId });

const listen = (to: string[]) => (message: BusMessage) =>
  void (message.kind === 'disconnect' && to.push(message.userId));

describe('what nodes share on Redis', () => {
  let at: Place;
  let one: SharedState;
  let other: SharedState;
  beforeEach(() => {
    at = place();
    one = redisState(at);
    other = redisState(at);
  });
  afterEach(async () => {
    await Promise.all([closeState(one), closeState(other)]);
    await at.dispose();
  });

  /** Publishes until the other node hears: a listener that has just come hears nothing before it is connected. */
  const connected = async (): Promise<void> => {
    let heard = false;
    other.bus.subscribe(() => (heard = true));
    await until('the bus', () => {
      void one.bus.publish(goodbye('hello'));
      return heard;
    });
  };

  describe('sessions', () => {
    it('are found by any node, and end in time', async () => {
      await one.sessions.save('pid:1', { userId: '7', audiences: ['order:1', 'topic:a b'], since: 'epoch0-1' });
      expect(await other.sessions.find('pid:1')).toEqual({
        userId: '7',
        audiences: ['order:1', 'topic:a b'],
        since: 'epoch0-1',
      });
      await other.sessions.save('pid:1', { userId: '7', audiences: [], since: 'epoch0-1' });
      expect(await one.sessions.find('pid:1')).toEqual({ userId: '7', audiences: [], since: 'epoch0-1' });
      expect(await one.sessions.find('pid')).toBeUndefined();
      const [key = ''] = await at.keys('session:*');
      const left = await at.client.pttl(key);
      expect(left).toBeLessThanOrEqual(SESSION_LIFETIME);
      expect(left).toBeGreaterThan(SESSION_LIFETIME - 60_000);
    });
  });

  describe('revocations', () => {
    it('of a token are known to every node until it would have ended', async () => {
      await one.revocations.revokeToken('t1', Date.now() + 300);
      expect(await other.revocations.isRevoked({ userId: '7', tokenId: 't1' })).toBe(true);
      expect(await other.revocations.isRevoked({ userId: '7', tokenId: 't2' })).toBe(false);
      await until('it has ended', async () => !(await other.revocations.isRevoked({ userId: '7', tokenId: 't1' })));
      await one.revocations.revokeToken('old', Date.now() - 1);
      expect(await at.keys('revoked:*')).toEqual([]);
    });

    it('of a user refuse every token issued before, and none issued later', async () => {
      const issued = Date.now() - 1;
      await one.revocations.revokeUser('7', 60_000);
      expect(await other.revocations.isRevoked({ userId: '7', tokenId: 'x', issuedAt: issued })).toBe(true);
      expect(await other.revocations.isRevoked({ userId: '7' })).toBe(true);
      expect(await other.revocations.isRevoked({ userId: '7', issuedAt: Date.now() + 1_000 })).toBe(false);
      expect(await other.revocations.isRevoked({ userId: '8', issuedAt: issued })).toBe(false);
    });

    it('are not shortened by another one', async () => {
      await one.revocations.revokeUser('7', 60_000);
      await other.revocations.revokeUser('7', 10);
      await sleep(50);
      expect(await one.revocations.isRevoked({ userId: '7', issuedAt: Date.now() - 1_000 })).toBe(true);
    });
  });

  describe('the bus', () => {
    it('reaches every node, its own included, once and in order', async () => {
      await connected();
      const heard: [SharedState, string][] = [];
      for (const state of [one, other]) {
        state.bus.subscribe((message) => {
          if (message.kind === 'disconnect' && message.userId !== 'hello') heard.push([state, message.userId]);
        });
      }
      const wanted = Array.from({ length: 100 }, (_, index) => String(index));
      for (const id of wanted) void one.bus.publish(goodbye(id));
      const by = (state: SharedState): string[] => heard.filter(([who]) => who === state).map(([, id]) => id);
      expect(by(one)).toEqual(wanted);
      await until('the other has heard', () => by(other).length >= 100);
      void other.bus.publish(goodbye('end'));
      await until('the answer is heard', () => by(one).includes('end'));
      expect(by(other)).toEqual([...wanted, 'end']);
      expect(by(one)).toEqual([...wanted, 'end']);
    });

    it('goes on when a listener fails', async () => {
      const log = recordLog();
      let heard = 0;
      one.bus.subscribe(() => {
        throw new Error('broken');
      });
      one.bus.subscribe(() => heard++);
      void one.bus.publish(goodbye('1'));
      expect(heard).toBe(1);
      log.restore();
    });
  });

  describe('nodes', () => {
    it('tell their counts, the asked one its own as of now, and are gone when they close', async () => {
      let sockets = 1;
      one.nodes.start(() => ({ sockets }));
      other.nodes.start(() => ({ sockets: 10 }));
      expect(one.nodes.id).not.toBe(other.nodes.id);
      await until('both are known', async () => Object.keys(await one.nodes.all()).length === 2);
      sockets = 2;
      expect(await one.nodes.all()).toEqual({ [one.nodes.id]: { sockets: 2 }, [other.nodes.id]: { sockets: 10 } });
      await other.nodes.close();
      expect(await one.nodes.all()).toEqual({ [one.nodes.id]: { sockets: 2 } });
    });

    it('are gone within 10 seconds when they are killed', async () => {
      const killed = redisState(at);
      killed.nodes.start(() => ({ sockets: 1 }));
      one.nodes.start(() => ({}));
      await until('both are known', async () => Object.keys(await one.nodes.all()).length === 2);
      const before = Date.now();
      // From here on Redis hears as little from it as after a kill -9.
      await killed.close?.();
      await until('it is gone', async () => Object.keys(await one.nodes.all()).length === 1);
      expect(Date.now() - before).toBeLessThan(10_000);
      await closeState(killed);
    });
  });

  it('says whether it can be asked: not where it would refuse at once, and again when it answers', async () => {
    const log = recordLog();
    await using network = await proxyTo(at.url);
    const state = redisState({ ...at, url: network.url });
    expect(state.available()).toBe(true);
    await state.sessions.find('p');
    network.silence();
    await until('it is given up', () => !state.available());
    const before = Date.now();
    await expect(state.sessions.find('p')).rejects.toMatchObject({ code: 'unavailable' });
    expect(Date.now() - before).toBeLessThan(100);
    network.resume();
    network.cut();
    await until('it is back', () => state.available());
    expect(await state.sessions.find('p')).toBeUndefined();
    await closeState(state);
    log.restore();
  });

  it('is refused while Redis is away, without a crash or many words, and works again afterwards', async () => {
    const log = recordLog();
    await using redis = await startRedis();
    const own = place(redis.env['REDIS_URL']);
    const [here, there] = [redisState(own), redisState(own)];
    const heard: string[] = [];
    const heardThere: string[] = [];
    here.bus.subscribe(listen(heard));
    there.bus.subscribe(listen(heardThere));
    here.nodes.start(() => ({}));
    await here.sessions.save('p', { userId: '7', audiences: [], since: 'epoch0-1' });
    await here.revocations.revokeUser('7', 60_000);

    await redis.kill();
    const unavailable = { code: 'unavailable' };
    await expect(here.sessions.save('q', { userId: '7', audiences: [], since: 'epoch0-1' })).rejects.toMatchObject(
      unavailable,
    );
    await expect(here.sessions.find('p')).rejects.toMatchObject(unavailable);
    await expect(here.revocations.isRevoked({ userId: '7' })).rejects.toMatchObject(unavailable);
    await expect(here.revocations.revokeToken('t', Date.now() + 1_000)).rejects.toMatchObject(unavailable);
    await expect(here.nodes.all()).rejects.toMatchObject(unavailable);
    for (let index = 0; index < 50; index++) void here.bus.publish(goodbye('while away'));
    expect(heard).toHaveLength(50);
    for (let index = 0; index < 50; index++) here.presence.connected(String(index), 's');
    await sleep(3_000);
    expect(log.lines).toEqual([expect.stringContaining('does not answer'), expect.stringContaining('dropped')]);

    await redis.restart();
    await until('all connections are back', () => log.lines.length === 3);
    expect(log.lines.at(-1)).toContain('answers again');
    await until('the bus is back', () => {
      void here.bus.publish(goodbye('back'));
      return heardThere.includes('back');
    });
    expect(heardThere).not.toContain('while away');
    expect(await there.sessions.find('p')).toEqual({ userId: '7', audiences: [], since: 'epoch0-1' });
    expect(await there.revocations.isRevoked({ userId: '7' })).toBe(true);
    await until('presence is told', async () => (await there.presence.online({ offset: 0, limit: 1 })).count === 50);

    await redis.kill();
    const before = Date.now();
    await Promise.all([closeState(here), closeState(there)]);
    expect(Date.now() - before).toBeLessThan(1_000);
    own.client.disconnect();
    log.restore();
  });
});
