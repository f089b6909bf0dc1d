import { describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { call } from '../e2e/services/helpers/http.js';
import { until } from '../infra/until.js';
import { childOf, messageFrom } from './harness/child.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { say } from './harness/say.js';
import type { Report } from './harness/stock-clients.child.js';

const READERS = 196;
const STOCK = 4;
const BATCH = 500;
/** Batches that may be under way to the slowest of the good ones. */
const AHEAD = 2;
const WARM_UP = 20_000;
const LOAD = 100_000;
const SECOND_LOAD = 15_000;
/** More than the second load, less than the first. */
const MAX_REPLAY = 30_000;
const MEGABYTE = 1_048_576;
/**
 * A small heap, so that memory is taken for use and not for want of a reason to collect: with it, this load
 * makes the same memory of 210 to 230 MB at 20,000 events and at 200,000, and without it anything up to 600 MB.
 */
const SMALL_HEAP = '--max-old-space-size=128 --max-semi-space-size=8';
const FILLER = 'x'.repeat(900);

/** Milliseconds of an event, until the last good reader has it; and of the gateway's processor time. */
interface Cost {
  wall: number;
  cpu: number;
}

const text = ({ wall, cpu }: Cost): string => `${wall.toFixed(3)} (${cpu.toFixed(3)} of processor)`;

const isReady = (message: unknown): true | undefined => (message as { ready?: true }).ready;

/** Posts to the role that everyone here has, as fast as the good ones take it. */
class Load {
  private next = 0;
  private received = -1;
  readonly faults: string[] = [];
  /** The most memory that the gateway was seen to hold. */
  peak = 0;

  constructor(
    private readonly gateway: GatewayProcess,
    readers: ChildProcess,
  ) {
    readers.on('message', ({ all, fault }: { all?: number; fault?: string }) => {
      if (all !== undefined) this.received = all;
      if (fault !== undefined) this.faults.push(fault);
    });
  }

  /** Resolves when every good reader has received `count` more events, with what each event took. */
  async send(count: number): Promise<Cost> {
    const began = performance.now();
    const cpu = this.gateway.cpu();
    const end = this.next + count;
    while (this.next < end) {
      await this.arrived(this.next - 1 - AHEAD * BATCH);
      const body = Array.from({ length: BATCH }, () => ({
        type: 'system.announced',
        data: { title: String(this.next++), message: FILLER, roles: ['customer'] },
      }));
      const token = this.gateway.tokens.of('service', 'load');
      const { status } = await call('POST', `${this.gateway.url}/events`, { token, body });
      if (status !== 202) throw new Error(`the load was answered ${status}`);
      this.peak = Math.max(this.peak, this.gateway.rss());
    }
    await this.arrived(end - 1);
    return { wall: (performance.now() - began) / count, cpu: (this.gateway.cpu() - cpu) / count };
  }

  get sent(): number {
    return this.next;
  }

  private arrived(n: number): Promise<void> {
    return until(`all good readers have ${n}`, () => this.faults.length > 0 || this.received >= n);
  }
}

async function report(child: ChildProcess): Promise<Report[]> {
  const answer = messageFrom(child, (message) => (Array.isArray(message) ? (message as Report[]) : undefined));
  child.send('report');
  return answer;
}

describe(`a stalled reader beside ${READERS + STOCK} good ones`, () => {
  it(`is cut under ${LOAD} × 1 KB, costs little memory, delays nobody, and is complete when it comes back`, async () => {
    const gateway = await GatewayProcess.start({ WS_MAX_REPLAY: String(MAX_REPLAY), NODE_OPTIONS: SMALL_HEAP });
    const token = (index: number): string => gateway.tokens.of('customer', 700 + index);
    const tokens = (count: number, first: number): string[] =>
      Array.from({ length: count }, (_, i) => token(first + i));
    const readers = childOf('raw-readers.child.ts', [String(gateway.port), String(BATCH), ...tokens(READERS, 0)]);
    const stock = childOf('stock-clients.child.ts', [gateway.url, ...tokens(STOCK, READERS)]);
    const load = new Load(gateway, readers);
    await Promise.all([messageFrom(readers, isReady), messageFrom(stock, isReady)]);

    // Without the stalled one, for comparison. It also fills what the gateway keeps in memory anyhow.
    const rssIdle = gateway.rss();
    const warmUp = await load.send(WARM_UP);
    const rssBefore = load.peak;

    const stalled = childOf('stock-clients.child.ts', [gateway.url, token(READERS + STOCK)]);
    await messageFrom(stalled, isReady);
    const firstSeen = load.sent;
    stalled.kill('SIGSTOP');
    const loaded = await load.send(LOAD);
    const rssPeak = load.peak;
    expect((await gateway.stats()).total.slowDisconnects).toBe(1);
    // A stalled reader that is kept costs 1.2 KB a message at the very least: 120 MB here, and 300 MB as plain
    // Socket.IO keeps it. The bound of a socket is 1 MB; the rest is room for the collector's moods.
    expect(rssPeak - rssBefore).toBeLessThan(60 * MEGABYTE);
    // The machine has others to serve, so the time on the clock says less than the gateway's own.
    expect(loaded.cpu / warmUp.cpu).toBeLessThan(1.5);
    expect(loaded.wall / warmUp.wall).toBeLessThan(3);

    // Missed more than is replayed: it is told so, and has everything from then on.
    stalled.kill('SIGCONT');
    await until('it is told to reload', async () => (await report(stalled))[0]?.resyncs.length === 1);
    const resumedAt = load.sent;
    await load.send(BATCH);
    await until('it has what is new', async () => (await report(stalled))[0]?.runs.at(-1)?.[1] === load.sent - 1);
    const [afterReload] = await report(stalled);
    expect(afterReload?.resyncs).toEqual(['too_large']);
    expect(afterReload?.runs).toEqual([
      [firstSeen, expect.any(Number)],
      [resumedAt, load.sent - 1],
    ]);

    // And again, missing less than is replayed: no hole.
    stalled.kill('SIGSTOP');
    await load.send(SECOND_LOAD);
    expect((await gateway.stats()).total.slowDisconnects).toBe(2);
    stalled.kill('SIGCONT');
    await until('it has everything', async () => (await report(stalled))[0]?.runs.at(-1)?.[1] === load.sent - 1);
    const [resumed] = await report(stalled);
    expect(resumed?.resyncs).toEqual(['too_large']);
    expect(resumed?.runs.slice(1)).toEqual([[resumedAt, load.sent - 1]]);
    // In one go: a replay that is larger than a socket's buffer is not taken for a slow reader.
    expect(resumed?.connects).toBe(3);
    expect((await gateway.stats()).total.slowDisconnects).toBe(2);

    // The good ones: everything, in order, in one connection.
    await until('the stock clients have everything', async () =>
      (await report(stock)).every(({ runs }) => runs.at(-1)?.[1] === load.sent - 1),
    );
    for (const one of await report(stock))
      expect(one).toEqual({ runs: [[0, load.sent - 1]], connects: 1, resyncs: [] });
    expect(load.faults).toEqual([]);
    const mb = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MB`;
    say(
      `memory: ${mb(rssIdle)} idle, ${mb(rssBefore)} loaded, ${mb(rssPeak)} with the stalled reader; ` +
        `ms an event: ${text(warmUp)} without it, ${text(loaded)} with it`,
    );
  }, 240_000);
});
