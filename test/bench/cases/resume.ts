import type { BenchCase } from '../case.js';
import { Stage, tokenOf, tokens, type ServerKind } from '../servers.js';

const MISSED = 100;
const RETURNS = 15;

/** Milliseconds that one client takes to come back and receive what it missed, from a journal of this length. */
async function resumeTime(journal: number): Promise<number> {
  await using stage = await Stage.open('oms-gateway');
  const token = tokenOf(1, 'customer');
  await stage.swarm.ask({ do: 'open', url: await stage.server.url(), tokens: [token] });
  await stage.swarm.ask({ do: 'drop' });
  await stage.server.ask({ do: 'fill', count: journal, every: journal / MISSED });
  await stage.server[Symbol.asyncDispose]();
  // A new process: nothing of the journal is in its memory.
  await using again = stage.start();
  const url = await again.url();
  const times: number[] = [];
  for (let round = 0; round < RETURNS; round++) {
    await stage.swarm.ask({ do: 'reset' });
    times.push(await stage.swarm.ask<number>({ do: 'return', url, tokens: [token], count: MISSED }));
    await stage.swarm.ask({ do: 'drop' });
  }
  return times.toSorted((one, other) => one - other)[Math.floor(RETURNS / 2)] ?? NaN;
}

export const longJournal: BenchCase = {
  name: `resume of ${MISSED} missed events, journal of 1,000,000`,
  baseline: 'journal of 10,000',
  unit: 'ms',
  target: { atMost: 1.5 },
  runs: 1,
  run: async () => ({ ours: await resumeTime(1_000_000), baseline: await resumeTime(10_000) }),
};

const CLIENTS = 2_000;
const MISSED_BY_ALL = 50;

/** Milliseconds until the last of many clients that come back at once has what it missed. */
async function stampede(kind: ServerKind): Promise<number> {
  await using stage = await Stage.open(kind, { RECOVERY: 'yes' });
  const users = tokens(CLIENTS, 'admin');
  await stage.fillRoom(users);
  // Something to have a position from.
  await stage.swarm.ask({ do: 'reset' });
  await stage.server.ask({ do: 'publish', turns: 1, events: 1 });
  await stage.swarm.ask({ do: 'await', count: CLIENTS });
  await stage.swarm.ask({ do: 'drop' });
  await stage.server.ask({ do: 'publish', turns: MISSED_BY_ALL, events: 1 });
  await stage.swarm.ask({ do: 'reset' });
  const url = await stage.server.url();
  // Awaited here: the stage is taken down when this function returns.
  return await stage.swarm.ask<number>({ do: 'return', url, tokens: users, count: CLIENTS * MISSED_BY_ALL });
}

export const stampedes: BenchCase = {
  name: `${CLIENTS} clients resume at once, ${MISSED_BY_ALL} missed each: time to the last`,
  baseline: "Socket.IO's own recovery, in memory",
  unit: 'ms',
  target: { atMost: 0.8 },
  runs: 3,
  run: async () => ({ ours: await stampede('oms-gateway'), baseline: await stampede('plain-gateway') }),
};
