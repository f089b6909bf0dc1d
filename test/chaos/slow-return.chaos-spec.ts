import { describe, expect, it } from '@jest/globals';
import { call } from '../e2e/services/helpers/http.js';
import { connect } from '../support/client.js';
import { RECONNECT, received } from './harness/fleet.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { differences } from './harness/ledger.js';
import { labelOf, messagesOf, type Numbered } from './harness/numbered.js';
import { TcpProxy } from './harness/tcp-proxy.js';

const USER = 1_500;
/** Fewer than memory holds, and together more than the buffers of a socket and of the system. */
const MISSED = 7_500;
const BATCH = 300;
const FILLER = 'x'.repeat(1_800);
/** 64 KB in so many milliseconds, some 3 MB/s: the replay takes five seconds and more. */
const REST = 20;

describe('a client that has missed 15 MB and comes back over a slow line, while more comes', () => {
  it.each(['memory', 'the journal'])(
    'gets all of it from %s at its own pace, and is not cut for it',
    async (where) => {
      const gateway = await GatewayProcess.start({ WS_MAX_REPLAY: '20000' });
      const proxy = await TcpProxy.start(gateway.port);
      const wanted: Numbered[] = [];
      const post = async (count: number): Promise<void> => {
        const events = Array.from({ length: count }, () => {
          // An odd number is a notice, not an order.
          const numbered = { userId: USER, n: wanted.length * 2 + 1 };
          wanted.push(numbered);
          const data = { userId: USER, kind: 'k', title: 't', message: labelOf(numbered), data: { filler: FILLER } };
          return { type: 'user.notified', data };
        });
        const token = gateway.tokens.of('service', 'sender');
        expect((await call('POST', `${gateway.url}/events`, { token, body: events })).status).toBe(202);
      };
      const token = gateway.tokens.of('customer', USER);
      const client = await connect(proxy.url, token, { ...RECONNECT, transports: ['websocket'] });
      await post(1);
      await client.waitFor('user_notification');

      proxy.refuse();
      while (wanted.length < MISSED) await post(BATCH);
      // A new process has nothing in memory.
      if (where === 'the journal') {
        await gateway.kill();
        await gateway.start();
      }
      proxy.slowDown(REST);
      proxy.admit();
      await client.until(() => received(client).length > 10, 'the replay', 20_000);
      for (let index = 0; index < 50; index++) await post(1);
      await client.until(() => received(client).length >= wanted.length, 'everything', 40_000);

      const messages = wanted.flatMap((numbered) => messagesOf(numbered, false));
      expect(differences('client', received(client), messages)).toEqual([]);
      expect(client.of('resync_required')).toEqual([]);
      expect(client.of('connected')).toHaveLength(2);
      expect((await gateway.stats()).total.slowDisconnects).toBe(0);
      await gateway.kill();
    },
    90_000,
  );
});
