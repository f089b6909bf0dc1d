import { describe, expect, it } from '@jest/globals';
import { until } from '../infra/until.js';
import { Fleet } from './harness/fleet.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { Publisher } from './harness/publisher.js';
import { say } from './harness/say.js';

const DRAINS = 4;
const RATE = 200;
const CUSTOMERS = Array.from({ length: 115 }, (_, index) => 1_000 + index);
const WATCHERS = 5;

describe(`${DRAINS} × SIGTERM under ${RATE} events/s and 120 stock clients`, () => {
  it('closes them in batches so that they come back by themselves, ends with 0, and loses nothing', async () => {
    const gateway = await GatewayProcess.start({ DRAIN_TIME: '1000' });
    const fleet = await Fleet.connect({
      url: gateway.url,
      tokens: gateway.tokens,
      userIds: CUSTOMERS,
      watchers: WATCHERS,
    });
    const reasons = new Set<string>();
    /** Clients that were away at some moment while others were still served: the drain was paced. */
    let whileOthersStayed = 0;
    for (const { client } of fleet.members) {
      client.socket.on('disconnect', (reason) => {
        reasons.add(reason);
        if (fleet.members.some((other) => other.client.socket.connected)) whileOthersStayed++;
      });
    }
    const publisher = new Publisher(() => gateway.url, gateway.tokens, CUSTOMERS);
    let draining = true;
    const publishing = publisher.run(RATE, () => draining);
    let unready = 0;
    for (let drain = 0; drain < DRAINS; drain++) {
      const before = publisher.ledger.size;
      await until('everyone is back', () => fleet.connected());
      await until('events flow', () => publisher.ledger.size >= before + 100);
      const ended = gateway.drain();
      await until('it says that it is not ready, or has ended', async () => {
        if ((await gateway.health()) === 503) unready++;
        else return !gateway.running();
        return true;
      });
      expect(await ended).toBe(0);
      await gateway.start();
    }
    draining = false;
    await publishing;
    expect(publisher.faults).toEqual([]);
    expect(await fleet.problems(gateway.url, publisher.ledger)).toEqual([]);
    expect(fleet.reconnects()).toBe(DRAINS * fleet.members.length);
    // "io server disconnect" would have stopped them for good.
    expect([...reasons]).toEqual(['transport close']);
    expect(whileOthersStayed).toBeGreaterThan(DRAINS * 50);
    expect(unready).toBeGreaterThan(0);
    say(publisher.summary());
  }, 120_000);
});
