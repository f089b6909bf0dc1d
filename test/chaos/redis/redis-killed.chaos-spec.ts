import { describe, expect, it } from '@jest/globals';
import { atEnd } from '../../e2e/services/helpers/teardown.js';
import { startRedis } from '../../infra/redis.js';
import { until } from '../../infra/until.js';
import { Fleet } from '../harness/fleet.js';
import { GatewayProcess } from '../harness/gateway-process.js';
import { Publisher } from '../harness/publisher.js';
import { say } from '../harness/say.js';

const RATE = 200;
const CUSTOMERS = Array.from({ length: 25 }, (_, index) => 3_000 + index);
const WATCHERS = 5;

describe(`Redis killed and restarted, under ${RATE} events/s and 30 stock clients`, () => {
  it.each([
    ['alone', 4, false],
    ['and the gateway with it', 3, true],
  ])(
    '%s, %i times: loses nothing that was acknowledged, and nobody waits for ever',
    async (_how, times, both) => {
      const redis = await startRedis();
      atEnd(() => redis.stop());
      const gateway = await GatewayProcess.start({ ...redis.env });
      const { url, tokens } = gateway;
      const fleet = await Fleet.connect({ url, tokens, userIds: CUSTOMERS, watchers: WATCHERS });
      const publisher = new Publisher(() => url, tokens, CUSTOMERS);
      let killing = true;
      const publishing = publisher.run(RATE, () => killing);
      for (let kill = 0; kill < times; kill++) {
        const before = publisher.ledger.size;
        await until('events flow', () => publisher.ledger.size >= before + 100);
        await redis.kill();
        if (both) await gateway.kill();
        else await until('appends are refused', () => (publisher.answers['503'] ?? 0) > kill * 10);
        const acknowledged = publisher.ledger.size;
        expect(gateway.running()).toBe(!both);
        await redis.restart();
        if (both) await gateway.start();
        await until('events flow again', () => publisher.ledger.size > acknowledged);
      }
      killing = false;
      await publishing;
      await gateway.waitHealthy();
      expect(publisher.faults).toEqual([]);
      expect(await fleet.problems(url, publisher.ledger)).toEqual([]);
      say(`${publisher.summary()}; ${fleet.reconnects()} reconnects`);
      fleet.close();
      await gateway.kill();
    },
    120_000,
  );
});
