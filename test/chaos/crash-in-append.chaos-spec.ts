import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { call } from '../e2e/services/helpers/http.js';
import { until } from '../infra/until.js';
import { GatewayProcess } from './harness/gateway-process.js';
import { ON_REDIS, readJournal } from './harness/journal-settings.js';
import { say } from './harness/say.js';

const CRASHES = 10;
const POSTERS = 16;
const BATCH = 40;

interface Batch {
  ids: string[];
  /** What was answered: 202, something else, or nothing. */
  status: number | undefined;
}

async function post(gateway: GatewayProcess, { ids }: Batch) {
  const token = gateway.tokens.of('service', 'poster');
  const body = ids.map((id) => ({
    id,
    type: 'user.notified',
    data: { userId: 1, kind: 'crash', title: 'In flight', message: 'x'.repeat(200) },
  }));
  return call<{ results: { duplicate: boolean }[] }>('POST', `${gateway.url}/events`, { token, body });
}

/** Posts batches until the gateway does not answer any more. */
async function poster(gateway: GatewayProcess, batches: Batch[]): Promise<void> {
  for (;;) {
    const batch: Batch = { ids: Array.from({ length: BATCH }, () => randomUUID()), status: undefined };
    batches.push(batch);
    const answer = await post(gateway, batch).catch(() => undefined);
    batch.status = answer?.status;
    if (!answer) return;
  }
}

describe(`${CRASHES} × kill -9 while appends are in flight`, () => {
  it('leaves every acknowledged event there exactly once, each batch whole or not at all', async () => {
    const gateway = await GatewayProcess.start({ JOURNAL_SYNC: 'normal' });
    const batches: Batch[] = [];
    for (let crash = 0; crash < CRASHES; crash++) {
      const before = batches.length;
      const posters = Array.from({ length: POSTERS }, () => poster(gateway, batches));
      await until('appends are in flight', () => batches.length > before + 3 * POSTERS + crash);
      await gateway.kill();
      await Promise.all(posters);
      await gateway.start();
      await expectKnown(
        gateway,
        batches.findLast(({ status }) => status === 202),
      );
    }

    const unanswered = batches.filter(({ status }) => status === undefined);
    const journalBefore = await read(gateway);
    const count = new Map<string, number>();
    for (const id of journalBefore) count.set(id, (count.get(id) ?? 0) + 1);
    const acknowledged = batches.filter(({ status }) => status === 202).flatMap(({ ids }) => ids);
    const torn = batches.filter(({ ids }) => {
      const kept = ids.filter((id) => count.has(id)).length;
      return kept !== 0 && kept !== ids.length;
    });
    expect(acknowledged.filter((id) => count.get(id) !== 1)).toEqual([]);
    expect([...count].filter(([, times]) => times > 1)).toEqual([]);
    expect(torn).toEqual([]);
    expect(batches.filter(({ status }) => status !== undefined && status !== 202)).toEqual([]);
    expect(unanswered.length).toBeGreaterThanOrEqual(CRASHES);
    const kept = unanswered.filter(({ ids }) => count.has(ids[0] ?? '')).length;
    say(`${acknowledged.length} events acknowledged; of ${unanswered.length} batches in flight ${kept} had been kept`);
  }, 120_000);
});

/** What was acknowledged last before the end is known as a repetition after it. */
async function expectKnown(gateway: GatewayProcess, batch: Batch | undefined): Promise<void> {
  const again = await post(gateway, batch as Batch);
  expect(again.status).toBe(202);
  expect(again.body.results.filter(({ duplicate }) => !duplicate)).toEqual([]);
}

/** The ids in the journal, in its order; the gateway is ended for it. */
async function read(gateway: GatewayProcess): Promise<string[]> {
  await gateway.kill();
  if (!ON_REDIS) expectSound(join(gateway.dataDir, 'journal.sqlite'));
  const entries = await readJournal(gateway.settings);
  // No number is left out and none is there twice.
  expect(entries.map(({ position }) => position.seq)).toEqual(entries.map((_, index) => index + 1));
  expect(await readJournal(gateway.settings, 'user:1')).toEqual(entries);
  return entries.map(({ event }) => event.id);
}

function expectSound(path: string): void {
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
}
