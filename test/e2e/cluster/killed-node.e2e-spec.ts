import { describe, expect, it } from '@jest/globals';
import type { GatewayStats } from '@lib/events';
import { GatewayProcess } from '../../chaos/harness/gateway-process.js';
import { connect } from '../../support/client.js';
import { eventually } from '../services/helpers/eventually.js';
import { ask, shared } from './nodes.js';

/** Milliseconds after which a dead node must be forgotten, and some for a busy machine. */
const FORGOTTEN = 10_000 + 2_000;

interface Online {
  online: boolean;
  connections: number;
  lastSeenAt?: string;
}

describe('what a gateway knows of another that was killed', () => {
  it('is right after ten seconds: who is online, with how many connections, and which nodes there are', async () => {
    const settings = shared();
    const [killed, left] = await Promise.all([GatewayProcess.start(settings), GatewayProcess.start(settings)]);
    const { tokens } = left;
    const online = async (userId: number): Promise<Online> =>
      (await ask<Online>(left, `/websocket/users/${userId}/online`)).body;
    await Promise.all([
      connect(killed.url, tokens.of('customer', 1)),
      connect(killed.url, tokens.of('customer', 2)),
      connect(left.url, tokens.of('customer', 2)),
    ]);
    await eventually(async () => {
      expect(await Promise.all([1, 2].map(online))).toMatchObject([{ connections: 1 }, { connections: 2 }]);
      const { body } = await ask<GatewayStats>(left, '/websocket/stats');
      expect(Object.keys(body.nodes)).toHaveLength(2);
      expect(body.total.connectedClients).toBe(3);
    });

    const time = Date.now();
    await killed.kill();
    await eventually(async () => {
      expect(await Promise.all([1, 2].map(online))).toMatchObject([
        { online: false, connections: 0 },
        { online: true, connections: 1 },
      ]);
      const everyone = await ask<{ count: number; users: number[] }>(left, '/websocket/users/online');
      expect(everyone.body).toMatchObject({ count: 1, users: [2] });
      const { body } = await ask<GatewayStats>(left, '/websocket/stats');
      expect(Object.keys(body.nodes)).toHaveLength(1);
      expect(body.total.connectedClients).toBe(1);
    }, FORGOTTEN);
    // When they were last known to be there, not when that was noticed.
    const { lastSeenAt = '' } = await online(1);
    expect(Math.abs(Date.parse(lastSeenAt) - time)).toBeLessThan(4_000);
  }, 60_000);
});
