import type { BenchCase } from '../case.js';
import { Stage, tokenOf, tokens, type ServerKind } from '../servers.js';

const USERS = 1_000;
const CONCURRENCY = 32;
/** An order's change gives its owner an `order_update` and a `user_notification`. */
const DELIVERIES = 2;
const SINGLE = '/websocket/notifications/order-status-update';

/** Events per second, from the first request to the last delivery. */
async function eventsPerSecond(kind: ServerKind, perRequest: number, events: number): Promise<number> {
  await using stage = await Stage.open(kind);
  await stage.connect(tokens(USERS, 'customer'));
  const url = await stage.server.url();
  const round = async (count: number): Promise<void> => {
    await stage.swarm.ask({ do: 'reset' });
    await stage.poster.ask({
      url: url + (perRequest === 1 ? SINGLE : '/events'),
      token: tokenOf(1, 'service'),
      kind: perRequest === 1 ? 'single' : 'batch',
      events: count,
      perRequest,
      users: USERS,
      concurrency: CONCURRENCY,
    });
    await stage.swarm.ask({ do: 'await', count: count * DELIVERIES });
  };
  await round(events / 10);
  const began = performance.now();
  await round(events);
  return (events * 1000) / (performance.now() - began);
}

export const posts: readonly BenchCase[] = [
  {
    name: 'one POST per event to one of 1,000 users, journaled',
    baseline: 'plain gateway, which keeps nothing',
    unit: 'events/s',
    target: { atLeast: 1 },
    runs: 3,
    run: async () => ({
      ours: await eventsPerSecond('oms-gateway', 1, 10_000),
      baseline: await eventsPerSecond('plain-gateway', 1, 10_000),
    }),
  },
  {
    name: 'POST /events in batches of 100',
    baseline: 'plain gateway, one POST per event',
    unit: 'events/s',
    target: { atLeast: 8 },
    runs: 3,
    run: async () => ({
      ours: await eventsPerSecond('oms-gateway', 100, 100_000),
      baseline: await eventsPerSecond('plain-gateway', 1, 10_000),
    }),
  },
];

/** Milliseconds from the sender's clock to the 99th of 100 clients, at a steady rate to a full room. */
async function latency(kind: ServerKind, seconds: number, rate: number): Promise<number> {
  await using stage = await Stage.open(kind);
  await stage.fillRoom(tokens(USERS, 'admin'));
  const url = (await stage.server.url()) + SINGLE;
  const round = async (events: number): Promise<void> => {
    await stage.swarm.ask({ do: 'reset' });
    await stage.poster.ask({
      url,
      token: tokenOf(1, 'service'),
      kind: 'single',
      events,
      perRequest: 1,
      // User 1 is in the room, and gets a notification of each order besides.
      users: 1,
      concurrency: CONCURRENCY,
      rate,
    });
    await stage.swarm.ask({ do: 'await', count: events * (USERS + 1) });
  };
  await round(rate * 2);
  await round(rate * seconds);
  return (await stage.swarm.ask<{ p99: number }>({ do: 'latency' })).p99;
}

export const steadyRate: BenchCase = {
  name: '300 events/s, one POST each, to 1,000 sockets in a room, 20 s: p99 latency, all delivered',
  baseline: '250 ms (a plain gateway cannot keep up)',
  unit: 'ms',
  target: { atMost: 1 },
  runs: 1,
  run: async () => ({ ours: await latency('oms-gateway', 20, 300), baseline: 250 }),
};
