import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../infra/until.js';
import { Fleet } from './harness/fleet.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { Publisher } from './harness/publisher.js';
import { say } from './harness/say.js';

const KILLS = 20;
const RATE = 200;
const CUSTOMERS = Array.from({ length: 45 }, (_, index) => 100 + index);
const WATCHERS = 5;

describe(`${KILLS} × kill -9 under ${RATE} events/s and 50 stock clients`, () => {
  it('loses nothing, doubles nothing, keeps the order and the subscriptions', async () => {
    const gateway = await GatewayProcess.start();
    const fleet = await Fleet.connect({
      url: gateway.url,
      tokens: gateway.tokens,
      userIds: CUSTOMERS,
      watchers: WATCHERS,
    });
    const publisher = new Publisher(() => gateway.url, gateway.tokens, CUSTOMERS);
    let killing = true;
    const publishing = publisher.run(RATE, () => killing);
    for (let kill = 0; kill < KILLS; kill++) {
      // Every second life ends while clients still come back to it, the others when everyone is there.
      const before = publisher.ledger.size;
      if (kill % 2 === 0) await until('everyone is back', () => fleet.connected());
      await until('events flow', () => publisher.ledger.size >= before + (kill % 4) * 40 + 10);
      await sleep(Math.random() * 20);
      await gateway.kill();
      await gateway.start();
    }
    killing = false;
    await publishing;
    expect(publisher.faults).toEqual([]);
    expect(await fleet.problems(gateway.url, publisher.ledger)).toEqual([]);
    // Else nobody was ever away, and the above proves nothing.
    expect(fleet.reconnects()).toBeGreaterThanOrEqual((fleet.members.length * KILLS) / 2);
    say(`${publisher.summary()}; ${fleet.reconnects()} reconnects`);
  }, 180_000);
});
