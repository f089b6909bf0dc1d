import { inPath } from '../../../scripts/servers/program.js';
import { startRedis } from '../../infra/redis.js';
import type { BenchCase } from '../case.js';
import { Stage, tokens, type ServerKind } from '../servers.js';

const SOCKETS = 1_000;
const TURNS = 100;
const EVENTS = 5;

/** CPU microseconds of both nodes for one delivery, half of the sockets on each, everything published on one. */
async function cpuPerDelivery(kind: ServerKind): Promise<number> {
  await using redis = await startRedis();
  await using first = await Stage.open(kind, redis.env);
  await using second = await Stage.open(kind, redis.env);
  const stages = [first, second];
  for (const stage of stages) await stage.fillRoom(tokens(SOCKETS / 2, 'admin'));
  const round = async (turns: number): Promise<void> => {
    for (const { swarm } of stages) await swarm.ask({ do: 'reset' });
    await first.server.ask({ do: 'publish', turns, events: EVENTS });
    const count = (turns * EVENTS * SOCKETS) / 2;
    await Promise.all(stages.map(({ swarm }) => swarm.ask({ do: 'await', count })));
  };
  const cpu = async (): Promise<number> => (await first.cpu()) + (await second.cpu());
  await round(TURNS / 5);
  const before = await cpu();
  await round(TURNS);
  return ((await cpu()) - before) / (TURNS * EVENTS * SOCKETS);
}

export const twoNodes: BenchCase = {
  name: `two nodes on Redis, ${SOCKETS} sockets in a room, ${EVENTS} events per turn: CPU per delivery`,
  baseline: 'plain gateways with the Redis streams adapter',
  unit: 'µs',
  target: { atMost: 0.3 },
  runs: 3,
  unavailable: () => (inPath('redis-server') ? undefined : 'redis-server is not installed'),
  run: async () => ({ ours: await cpuPerDelivery('oms-gateway'), baseline: await cpuPerDelivery('plain-gateway') }),
};
