import { describe, expect, it } from '@jest/globals';
import { fingerprint, parseEvent, type CanonicalEvent } from '@lib/events';
import { JOURNAL, SqliteJournal, type Journal, type JournalInput } from '@lib/realtime';
import { connect, open } from '../../support/client.js';
import { journalLike, journalPath, runEngine } from '../../support/engine.js';
import { runGateway } from '../../support/gateway.js';
import { accepted, allDelivered, eventsOf } from '../../support/notify.js';

const RECONNECT = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0 };

const hint = (userId: number, message: string): JournalInput => {
  const data = { userId, kind: 'hint', title: 't', message };
  const event = parseEvent({ type: 'user.notified', id: message, data }, { source: '/test' });
  return { event, fingerprint: fingerprint(event) };
};

/** As a node of a later version may append it: of a type that this one does not know. */
function ofTomorrow(): JournalInput {
  const { event } = hint(1, 'of tomorrow');
  const tomorrow = { ...event, type: 'order.archived', data: {}, audiences: ['all'] } as unknown as CanonicalEvent;
  return { event: tomorrow, fingerprint: 'tomorrow' };
}

describe('an event that cannot be rendered', () => {
  it('stops nothing that comes after it, live or replayed, and reaches nobody', async () => {
    const gateway = await runGateway();
    const journal = gateway.app.get<Journal>(JOURNAL);
    const client = await connect(gateway.url, gateway.tokens.of('customer', 1), RECONNECT);
    await journal.append([ofTomorrow()]);
    await accepted(gateway, '/websocket/broadcast', { type: 'user', userId: 1, title: 'live', message: 'm' });
    await client.waitFor('user_notification');
    client.socket.io.engine.close();
    await journal.append([{ ...ofTomorrow(), unique: true }]);
    await accepted(gateway, '/websocket/broadcast', { type: 'user', userId: 1, title: 'replayed', message: 'm' });
    await client.waitFor('user_notification', 2);
    await allDelivered(gateway, client);
    expect(eventsOf(client)).toEqual(['user_notification', 'user_notification']);
  });
});

describe('a journal whose following fails', () => {
  it('is followed again from where that was, without a hole and without a double', async () => {
    const journal = new SqliteJournal({ path: await journalPath() });
    let followed = 0;
    const { url } = await runEngine({
      journal: journalLike(journal, {
        async *follow(options) {
          followed += 1;
          for await (const result of journal.follow(options)) {
            yield result;
            if (followed === 1) throw new Error('broken');
          }
        },
      }),
    });
    const client = open(url, { auth: { user: '7' } }, '/one');
    await client.waitFor('connected');
    for (const message of ['a', 'b', 'c']) await journal.append([hint(7, message)]);
    await client.waitFor('user_notification', 3);
    const came = client.of<{ data: { message: string } }>('user_notification').map(({ data }) => data.message);
    expect([came, followed]).toEqual([['a', 'b', 'c'], 2]);
  });
});
