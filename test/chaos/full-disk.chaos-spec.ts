import { describe, expect, it } from '@jest/globals';
import { call, type Answer, type Refusal } from '../e2e/services/helpers/http.js';
import { until } from '../infra/until.js';
import { connect } from '../support/client.js';
import { Fleet, RECONNECT } from './harness/fleet.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { readJournal } from './harness/journal-settings.js';
import { Publisher } from './harness/publisher.js';
import { say } from './harness/say.js';
import { smallDisk } from './harness/small-disk.js';

const CUSTOMERS = [800, 801, 802, 803, 804, 805];
const DISK = 2_000;

describe('a disk that is full', () => {
  it('refuses with 503 and keeps nothing of it, goes on serving, survives kill -9, and takes events when there is space', async () => {
    const disk = await smallDisk(DISK);
    // The journal in a file is meant, wherever the other cases keep theirs.
    const gateway = await GatewayProcess.start({ DATA_DIR: disk.folder, REDIS_URL: '' });
    disk.bind(gateway);
    const { tokens, url } = gateway;
    const fleet = await Fleet.connect({ url, tokens, userIds: CUSTOMERS, watchers: 2 });
    const publisher = new Publisher(() => url, tokens, CUSTOMERS);
    await publisher.post(60);

    // One event each, until it is refused; the refused ones are told apart by their ids.
    const filler = (id: string): Promise<Answer<Refusal>> =>
      call('POST', `${url}/events`, {
        token: tokens.of('service', 'filler'),
        body: {
          id,
          type: 'user.notified',
          data: { userId: 1, kind: 'f', title: 'Filler', message: 'x'.repeat(1_900) },
        },
      });
    const acknowledged: string[] = [];
    const refused: string[] = [];
    for (let n = 0; refused.length < 20 && n < 3_000; n++) {
      const { status, body } = await filler(`filler-${n}`);
      if (status === 202) acknowledged.push(`filler-${n}`);
      else {
        expect({ status, code: body.error.code }).toEqual({ status: 503, code: 'unavailable' });
        refused.push(`filler-${n}`);
      }
    }
    expect(refused).toHaveLength(20);
    expect(acknowledged.length).toBeGreaterThan(100);

    // Meanwhile: clients are served, new ones too; what cannot be remembered is refused, not half done.
    const newcomer = await connect(url, tokens.of('admin', 1), RECONNECT);
    expect(await newcomer.ask('ping')).toMatchObject({ ok: true });
    const subscribed = await newcomer.ask<{ ok: boolean; error?: { code: string } }>('subscribe_to_orders');
    if (!subscribed.ok) expect(subscribed.error?.code).toBe('unavailable');
    const publishing = publisher.post(60);
    await until('the publisher is refused', () => (publisher.answers['503'] ?? 0) > CUSTOMERS.length);

    await gateway.kill();
    await gateway.start();
    expect((await filler('filler-after-restart')).status).toBe(503);
    disk.bind(gateway);
    await until('everyone is back', () => fleet.connected());

    disk.grow();
    await publishing;
    await publisher.post(60);
    expect(publisher.faults).toEqual([]);
    expect(await fleet.problems(url, publisher.ledger)).toEqual([]);
    await gateway.kill();
    const kept = (await readJournal(gateway.settings)).map(({ event }) => event.id);
    expect(kept.filter((id) => refused.includes(id))).toEqual([]);
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([]);
    say(`${acknowledged.length} fillers taken; ${publisher.summary()}`);
  }, 60_000);
});
