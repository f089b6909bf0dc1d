import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Dispatcher } from '@lib/realtime';
import { WebSocket } from 'ws';
import { until } from '../../infra/until.js';
import { connect } from '../../support/client.js';
import { runGateway } from '../../support/gateway.js';
import { atEnd } from '../services/helpers/teardown.js';

const LIMIT = 262_144;
/** Messages that are sent within a turn of the event loop, and at most in all. */
const BURST = 500;
const FLOOD = 400_000;

describe('a client that asks without end and reads no answer', () => {
  it('is cut when more answers wait for it than may, and nobody else is', async () => {
    const gateway = await runGateway({ WS_MAX_BUFFERED_BYTES: String(LIMIT) });
    const other = await connect(gateway.url, gateway.tokens.of('customer', 8));
    const ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    atEnd(() => Promise.resolve(ws.terminate()));
    await once(ws, 'open');
    ws.send(`40/events,{"token":"${gateway.tokens.of('customer', 7)}"}`);
    const connections = () =>
      Array.from(gateway.app.get(Dispatcher).channelAt('/events')?.all ?? []).filter(
        ({ socket }) => socket.data.identity.userId === '7',
      );
    await until('it is in', () => connections().length === 1);
    const [outbox] = connections();
    if (!outbox) throw new Error('it has left');

    ws.pause();
    let most = 0;
    for (let sent = 0; sent < FLOOD && outbox.socket.connected; sent += BURST) {
      for (let at = 0; at < BURST; at++) ws.send('42/events,["x"]');
      await turn();
      most = Math.max(most, outbox.buffered);
    }
    expect(outbox.socket.connected).toBe(false);
    expect(most).toBeLessThan(8 * LIMIT);
    expect(await other.ask('ping')).toMatchObject({ ok: true });
  });
});
