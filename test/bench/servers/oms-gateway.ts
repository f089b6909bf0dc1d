import { randomBytes } from 'node:crypto';
import { fingerprint, parseEvent } from '@lib/events';
import { JOURNAL, type Journal, type JournalInput } from '@lib/realtime';
import { readEnv } from '@lib/service';
import { gatewayEnv } from '../../../apps/api-gateway/src/config.js';
import { startGateway } from '../../../apps/api-gateway/src/gateway.js';
import { order, serveCommands, turn } from './control.js';

// The gateway of this repository, as it is started in production, with its journal in a file or on Redis.
const app = await startGateway(readEnv(gatewayEnv, { PORT: '0', LOG_LEVEL: 'error', ...process.env }));
const journal = app.get<Journal>(JOURNAL);
let number = 0;

const input = (type: string, data: object): JournalInput => {
  const event = parseEvent({ type, id: randomBytes(12).toString('hex'), data }, { source: '/bench' });
  return { event, fingerprint: fingerprint(event) };
};

serveCommands(await app.getUrl(), {
  async publish(turns, events) {
    for (let count = 0; count < turns; count++) {
      const batch = Array.from({ length: events }, () => input('order.status_changed', order(++number)));
      // In order, and without waiting: the next turn's events come whether or not these are kept yet.
      void journal.append(batch);
      await turn();
    }
  },
  async fill(count, every) {
    for (let from = 0; from < count; from += 1_000) {
      const batch = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => {
        const userId = (from + index) % every === 0 ? 1 : 1_000_000 + ((from + index) % 10_000);
        return input('user.notified', { userId, kind: 'bench', title: 'Bench', message: String(from + index) });
      });
      await journal.append(batch);
    }
  },
});
