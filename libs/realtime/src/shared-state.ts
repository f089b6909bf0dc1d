import type { Bus } from './bus/bus.js';
import { MemoryBus } from './bus/bus.memory.js';
import type { Nodes } from './nodes/nodes.js';
import { SingleNode } from './nodes/nodes.memory.js';
import type { Presence } from './presence/presence.js';
import { MemoryPresence } from './presence/presence.memory.js';
import type { Revocations } from './revocations/revocations.js';
import { MemoryRevocations } from './revocations/revocations.memory.js';
import type { Sessions } from './sessions/sessions.js';
import { SqliteSessions } from './sessions/sessions.sqlite.js';

/** What the nodes of a gateway share and is no event. */
export interface SharedState {
  presence: Presence;
  sessions: Sessions;
  bus: Bus;
  revocations: Revocations;
  nodes: Nodes;
}

/** Injection token of the {@link SharedState}. */
export const SHARED_STATE = Symbol('realtime shared state');

/**
 * For a gateway of one process. Sessions must outlive it, so they are in a file.
 * @param sessionsPath of that file; left out, sessions end with the process.
 */
export function embeddedState(sessionsPath = ':memory:'): SharedState {
  return {
    presence: new MemoryPresence(),
    sessions: new SqliteSessions(sessionsPath),
    bus: new MemoryBus(),
    revocations: new MemoryRevocations(),
    nodes: new SingleNode(),
  };
}

export async function closeState(state: SharedState): Promise<void> {
  await Promise.all(Object.values(state).map((part: { close(): Promise<void> }) => part.close()));
}
