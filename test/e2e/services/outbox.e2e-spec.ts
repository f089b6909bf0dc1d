import { describe, expect, it } from '@jest/globals';
import type { PublishFailure } from '@lib/events';
import { testEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { Received, startReplica } from './helpers/outbox.js';

const AWAY: PublishFailure = { ok: false, code: 'unavailable', retryable: true, message: 'away' };
const REFUSED: PublishFailure = { ok: false, code: 'invalid_payload', retryable: false, message: 'data.x: is wrong' };
/** So long that nothing in a test comes of a look: only of being told. */
const NEVER = 60_000;

describe('the outbox', () => {
  it('publishes what commits, at once, and nothing of what is rolled back', async () => {
    const received = new Received();
    const replica = await startReplica(await testEnvironment(), received.publish, { pollMs: NEVER });
    await replica.change(1);
    await eventually(async () => expect(received.of(1)).toEqual([1]), 2_000);
    const failing = replica.change(1, () => Promise.reject(new Error('after the event was written')));
    await expect(failing).rejects.toThrow('after the event was written');
    await replica.change(2);
    await eventually(async () => expect(received.of(2)).toEqual([1]), 2_000);
    expect([received.of(1), await replica.versionOf(1)]).toEqual([[1], 1]);
    await eventually(async () =>
      expect(await replica.outbox.metrics()).toEqual({ waiting: 0, oldestMs: 0, failed: 0 }),
    );
    expect(received.events[0]).toMatchObject({ source: '/services/things', partitionkey: '1' });
  });

  it('refuses an event outside a transaction, and one that the catalogue does not know', async () => {
    const replica = await startReplica(await testEnvironment(), new Received().publish);
    const event = { type: 'user.activity', data: { userId: 1, action: 'login' } } as const;
    await expect(replica.outbox.add(replica.em.fork(), event)).rejects.toThrow(TypeError);
    const unknown = { type: 'thing.exploded', data: {} } as unknown as typeof event;
    const adding = replica.em.fork().transactional((em) => replica.outbox.add(em, unknown));
    await expect(adding).rejects.toMatchObject({ code: 'unknown_event_type' });
    expect(await replica.outbox.metrics()).toMatchObject({ waiting: 0 });
  });

  it('keeps the order of each entity while many change at once and the way breaks now and then', async () => {
    const received = new Received();
    let calls = 0;
    received.refuse = () => (++calls % 3 === 0 ? AWAY : undefined);
    const replica = await startReplica(await testEnvironment(), received.publish, { batch: 40 });
    const ids = [1, 2, 3, 4, 5];
    await Promise.all(ids.flatMap((id) => Array.from({ length: 40 }, () => replica.change(id))));
    await eventually(async () => expect(received.events).toHaveLength(200), 20_000);
    for (const id of ids) expect(received.of(id)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(Math.max(...received.calls)).toBeLessThanOrEqual(40);
  });

  it('counts what waits and how long, and publishes it all once the way is free', async () => {
    const received = new Received();
    received.refuse = () => AWAY;
    const replica = await startReplica(await testEnvironment(), received.publish);
    for (let version = 0; version < 5; version++) await replica.change(1);
    await eventually(async () => {
      const { waiting, oldestMs } = await replica.outbox.metrics();
      expect(waiting).toBe(5);
      expect(oldestMs).toBeGreaterThan(300);
    });
    received.refuse = () => undefined;
    await eventually(async () => expect(received.of(1)).toEqual([1, 2, 3, 4, 5]));
  });

  it('sets an event aside that is refused for good, with the reason, and goes on with the others', async () => {
    const received = new Received();
    received.refuse = (events) =>
      events.some(({ data }) => 'quantity' in data && data.quantity === 3) ? REFUSED : undefined;
    const replica = await startReplica(await testEnvironment(), received.publish);
    for (let version = 0; version < 6; version++) {
      for (const id of [1, 2]) await replica.change(id);
    }
    await eventually(async () => expect(await replica.outbox.metrics()).toMatchObject({ waiting: 0, failed: 2 }));
    for (const id of [1, 2]) expect(received.of(id)).toEqual([1, 2, 4, 5, 6]);
    const set = await replica.em.fork().execute<{ reason: string }[]>('select reason from outbox');
    expect(set).toEqual([{ reason: 'data.x: is wrong' }, { reason: 'data.x: is wrong' }]);
  });

  it('sets nothing aside for a wrong secret or address: that is mended, and the events go', async () => {
    const received = new Received();
    received.refuse = () => ({ ...REFUSED, code: 'token_invalid' });
    const replica = await startReplica(await testEnvironment(), received.publish);
    await replica.change(1);
    await eventually(async () => expect(received.calls.length).toBeGreaterThan(2));
    expect(await replica.outbox.metrics()).toMatchObject({ waiting: 1, failed: 0 });
    received.refuse = () => undefined;
    await eventually(async () => expect(received.of(1)).toEqual([1]));
  });

  it('sends batches that the gateway reads, however large the events are', async () => {
    const received = new Received();
    received.refuse = () => AWAY;
    const replica = await startReplica(await testEnvironment(), received.publish);
    const detail = 'x'.repeat(100_000);
    await replica.em.fork().transactional(async (em) => {
      const event = { type: 'user.activity', data: { userId: 1, action: 'wrote', detail } } as const;
      await replica.outbox.add(em, ...Array.from({ length: 20 }, () => event));
    });
    received.refuse = () => undefined;
    await eventually(async () => expect(received.events).toHaveLength(20));
    expect(Math.max(...received.calls)).toBeLessThan(10);
  });

  it('publishes what still waits when its process is asked to end', async () => {
    const received = new Received();
    const replica = await startReplica(await testEnvironment(), received.publish, { batch: 10 });
    const changes = Array.from({ length: 60 }, (_, index) => replica.change(index));
    await Promise.all(changes);
    await replica.stop();
    expect(received.events).toHaveLength(60);
  });
});
