import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Bus } from './bus/bus.js';
import { MemoryBus } from './bus/bus.memory.js';
import type { Nodes } from './nodes/nodes.js';
import { SingleNode } from './nodes/nodes.memory.js';
import type { Presence } from './presence/presence.js';
import { MemoryPresence } from './presence/presence.memory.js';
import type { Revocations } from './revocations/revocations.js';
import { SqliteRevocations } from './revocations/revocations.sqlite.js';
import type { Sessions } from './sessions/sessions.js';
import { SqliteSessions } from './sessions/sessions.sqlite.js';

/** What the nodes of a gateway share and is no event. */
export interface SharedState {
  presence: Presence;
  sessions: Sessions;
  bus: Bus;
  revocations: Revocations;
  nodes: Nodes;
  /** Whether the parts can be asked now; false where each would refuse at once. */
  available(): boolean;
  /** What the parts stand on; closed after them. */
  close?(): Promise<void>;
}

/** Injection token of the {@link SharedState}. */
export const SHARED_STATE = Symbol('realtime shared state');

/**
 * For a gateway of one process. Sessions and revocations must outlive it, so they are in a file.
 * @param path of that file, whose folder is made where it is missing; left out, they end with the process.
 */
export function embeddedState(path = ':memory:'): SharedState {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return {
    presence: new MemoryPresence(),
    sessions: new SqliteSessions(database),
    bus: new MemoryBus(),
    revocations: new SqliteRevocations(database),
    nodes: new SingleNode(),
    available: () => true,
    close: () => Promise.resolve(database.close()),
  };
}

export async function closeState(state: SharedState): Promise<void> {
  const { presence, sessions, bus, revocations, nodes } = state;
  await Promise.all([presence, sessions, bus, revocations, nodes].map((part) => part.close()));
  await state.close?.();
}
