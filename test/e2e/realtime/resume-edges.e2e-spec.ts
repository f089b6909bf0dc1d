import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { fingerprint, parseEvent } from '@lib/events';
import { embeddedState, formatPosition, SqliteJournal, type JournalInput } from '@lib/realtime';
import { io } from 'socket.io-client';
import { open, type TestClient } from '../../support/client.js';
import { journalLike, journalPath, moveTo, runEngine } from '../../support/engine.js';
import { Gate } from '../../support/gate.js';
import { atEnd } from '../services/helpers/teardown.js';

const RECONNECT = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 20, randomizationFactor: 0 };
const MEGABYTE = 1_048_576;

const input = (type: string, id: string, data: object): JournalInput => {
  const event = parseEvent({ type, id, data }, { source: '/test' });
  return { event, fingerprint: fingerprint(event) };
};
const order = (orderId: number): JournalInput =>
  input('order.created', String(orderId), { orderId, aliasId: 'O', userId: 7, totalAmount: 1, status: 'P' });

/** What came, each with its number in the journal. */
const deliveries = (client: TestClient): string[] =>
  client.received
    .filter(({ event }) => event !== 'connected')
    .map(({ event, args }) => `${event} ${String(args.at(-1)).split('-')[1]}`);

describe('a client that comes to a node which is behind it', () => {
  it('gets nothing twice when that node comes to what the client has', async () => {
    const journal = new SqliteJournal({ path: await journalPath() });
    const caughtUp = new Gate();
    const late = journalLike(journal, {
      close: () => Promise.resolve(),
      async *follow(options) {
        for await (const result of journal.follow(options)) {
          await caughtUp.opened;
          yield result;
        }
      },
    });
    const state = embeddedState();
    const ahead = await runEngine({ journal, state });
    const behind = await runEngine({ journal: late, state: { ...embeddedState(), sessions: state.sessions } });
    const client = open(ahead.url, { ...RECONNECT, auth: { user: '7' } }, '/one');
    await client.waitFor('connected');
    await journal.append([order(1)]);
    await client.waitFor('user_notification');
    moveTo(client, behind);
    client.socket.io.engine.close();
    await client.waitFor('connected', 2);
    caughtUp.open();
    await journal.append([order(2)]);
    await client.waitFor('user_notification', 2);
    expect(deliveries(client)).toEqual([
      'order_update 1.0',
      'user_notification 1.1',
      'order_update 2.0',
      'user_notification 2.1',
    ]);
    expect(client.socket.recovered).toBe(true);
  });
});

describe('a client whose session is not known', () => {
  it('is told so also when its connection broke in the midst of what it missed', async () => {
    const journal = new SqliteJournal({ path: await journalPath() });
    const first = await runEngine({ journal: journalLike(journal, { close: () => Promise.resolve() }) });
    const client = open(first.url, { ...RECONNECT, auth: { user: '7' } }, '/one');
    await client.waitFor('connected');
    client.socket.io.reconnection(false);
    client.socket.io.engine.close();
    await journal.append([order(1)]);

    let reads = 0;
    // Has sessions of its own, and nothing in memory: what was missed comes out of the journal.
    const second = await runEngine({
      journal: journalLike(journal, {
        async read(query) {
          reads += 1;
          if (reads === 1) {
            // Has heard the name of its new session, and nothing else.
            if (!client.socket.connected) await new Promise<void>((resolve) => client.socket.once('connect', resolve));
            const ended = client.ended();
            client.socket.io.engine.close();
            await ended;
          }
          return journal.read(query);
        },
      }),
    });
    moveTo(client, second);
    client.socket.io.reconnection(true);
    client.socket.connect();
    expect(await client.waitFor('resync_required')).toEqual([{ reason: 'session' }]);
    expect(reads).toBeGreaterThan(1);
    expect(client.socket.recovered).toBe(false);
  });
});

describe('a long replay', () => {
  it('does not stay in memory when it was sent', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const journal = new SqliteJournal({ path: await journalPath() });
    const from = await journal.tail();
    const text = 'm'.repeat(1_900);
    const data = { userId: 7, kind: 'k', title: 't', message: text, data: Array.from({ length: 5 }, () => text) };
    for (let page = 0; page < 20; page++) {
      await journal.append(Array.from({ length: 100 }, (_, at) => input('user.notified', `${page}/${at}`, data)));
    }

    let reads = 0;
    let most = 0;
    const { url } = await runEngine({
      journal: journalLike(journal, {
        read(query) {
          reads += 1;
          if (reads % 20 === 0) most = Math.max(most, held());
          return journal.read(query);
        },
      }),
    });
    const before = held();
    // Not a client that keeps what it receives, which would be measured, too.
    const auth = { user: '7', pid: 'gone', offset: formatPosition(from) };
    const socket = io(`${url}/one`, { forceNew: true, reconnection: false, auth });
    atEnd(() => Promise.resolve(void socket.disconnect()));
    let received = 0;
    socket.on('user_notification', () => (received += 1));
    await new Promise((resolve) => socket.once('connected', resolve));
    expect(received).toBe(2_000);
    expect(reads).toBeGreaterThan(40);
    // Some 10 of noise; 70 where all of it stays.
    expect((most - before) / MEGABYTE).toBeLessThan(30);
  });
});
