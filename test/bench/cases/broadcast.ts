import type { BenchCase } from '../case.js';
import { Stage, tokens, type ServerKind } from '../servers.js';

const SOCKETS = 1_000;

/** CPU microseconds of the server for one delivery to a room. The clock stops when every client has everything. */
async function cpuPerDelivery(kind: ServerKind, turns: number, events: number): Promise<number> {
  await using stage = await Stage.open(kind);
  await stage.fillRoom(tokens(SOCKETS, 'admin'));
  const round = async (count: number): Promise<void> => {
    await stage.swarm.ask({ do: 'reset' });
    await stage.server.ask({ do: 'publish', turns: count, events });
    await stage.swarm.ask({ do: 'await', count: count * events * SOCKETS });
  };
  await round(Math.ceil(turns / 5));
  const before = await stage.cpu();
  await round(turns);
  return ((await stage.cpu()) - before) / (turns * events * SOCKETS);
}

function broadcast(events: number, turns: number, target: number, baseline: ServerKind): BenchCase {
  return {
    name: `CPU per delivery, ${SOCKETS} sockets in a room, ${events} event${events === 1 ? '' : 's'} per turn`,
    baseline: baseline === 'bare-ws' ? 'bare ws (the floor)' : 'plain gateway',
    unit: 'µs',
    target: { atMost: target },
    runs: 3,
    run: async () => ({
      ours: await cpuPerDelivery('oms-gateway', turns, events),
      baseline: await cpuPerDelivery(baseline, turns, events),
    }),
  };
}

export const broadcasts: readonly BenchCase[] = [
  broadcast(20, 25, 0.15, 'plain-gateway'),
  broadcast(1, 250, 1, 'plain-gateway'),
  broadcast(20, 25, 1, 'bare-ws'),
  broadcast(1, 250, 1, 'bare-ws'),
];
