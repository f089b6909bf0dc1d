import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { CanonicalEvent } from '@lib/events';
import { testEnvironment } from '../services/helpers/environment.js';
import { eventually } from '../services/helpers/eventually.js';
import { startReplica } from '../services/helpers/outbox.js';

const THINGS = 50;
const CHANGES = 40;

describe('two replicas of a service', () => {
  it('publish 2,000 rows exactly once, in the order of each entity, each its part', async () => {
    const environment = await testEnvironment();
    const published: { by: string; event: CanonicalEvent }[] = [];
    const publisher = (by: string) => async (events: readonly CanonicalEvent[]) => {
      // As long as a gateway takes, and differently: so that whoever may overtake does.
      await delay(Math.random() * 10);
      published.push(...events.map((event) => ({ by, event })));
      return { ok: true as const };
    };
    const options = { batch: 20, pollMs: 10 };
    const one = await startReplica(environment, publisher('one'), options);
    const two = await startReplica(environment, publisher('two'), options);

    const changes = Array.from({ length: THINGS * CHANGES }, (_, index) =>
      (index % 2 === 0 ? one : two).change(index % THINGS),
    );
    await Promise.all(changes);
    await eventually(async () => expect(await one.outbox.metrics()).toMatchObject({ waiting: 0, failed: 0 }), 30_000);

    expect(published).toHaveLength(THINGS * CHANGES);
    expect(new Set(published.map(({ event }) => event.id)).size).toBe(THINGS * CHANGES);
    for (let id = 0; id < THINGS; id++) {
      const versions = published
        .filter(({ event }) => event.partitionkey === String(id))
        .map(({ event }) => (event.data as { quantity: number }).quantity);
      expect([id, versions]).toEqual([id, Array.from({ length: CHANGES }, (_, index) => index + 1)]);
    }
    expect([...new Set(published.map(({ by }) => by))].sort()).toEqual(['one', 'two']);
  });

  it('do not wait for one whose way hangs, except for the entities it has in hand', async () => {
    const environment = await testEnvironment();
    const gate = new EventEmitter();
    const released = once(gate, 'release');
    const stuck: string[] = [];
    const free: string[] = [];
    const one = await startReplica(environment, async (events) => {
      stuck.push(...events.map(({ partitionkey }) => partitionkey));
      await released;
      return { ok: true };
    });
    await one.change(1);
    await eventually(async () => expect(stuck).toEqual(['1']));
    const two = await startReplica(environment, (events) => {
      free.push(...events.map(({ partitionkey }) => partitionkey));
      return Promise.resolve({ ok: true });
    });
    await two.change(1);
    await two.change(2);
    await eventually(async () => expect(free).toEqual(['2']));
    // Several looks later the first's entity is still left alone.
    await delay(200);
    expect(free).toEqual(['2']);
    gate.emit('release');
    await eventually(async () => expect(await two.outbox.metrics()).toMatchObject({ waiting: 0 }));
    expect([...stuck, ...free].toSorted()).toEqual(['1', '1', '2']);
  });
});
