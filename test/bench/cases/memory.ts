import type { BenchCase } from '../case.js';
import { Stage, tokens, type ServerKind } from '../servers.js';

const CONNECTIONS = 5_000;

/** Resident bytes for one idle connection. */
async function bytesPerConnection(kind: ServerKind): Promise<number> {
  await using stage = await Stage.open(kind);
  // The first connections load code and grow pools: they are not counted.
  const users = tokens(CONNECTIONS + 200, 'customer');
  await stage.swarm.ask({ do: 'open', url: await stage.server.url(), tokens: users.slice(0, 200) });
  const before = await stage.server.ask<number>({ do: 'memory' });
  await stage.swarm.ask({ do: 'more', url: await stage.server.url(), tokens: users.slice(200) });
  return ((await stage.server.ask<number>({ do: 'memory' })) - before) / CONNECTIONS;
}

export const idleMemory: BenchCase = {
  name: `resident memory per idle connection, ${CONNECTIONS} connections`,
  baseline: 'plain gateway',
  unit: 'bytes',
  target: { atMost: 0.8 },
  runs: 3,
  run: async () => ({
    ours: await bytesPerConnection('oms-gateway'),
    baseline: await bytesPerConnection('plain-gateway'),
  }),
};
