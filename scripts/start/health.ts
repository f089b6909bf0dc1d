import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 150;
const ANSWER_MS = 2_000;

/** Resolves when the URL answers 200, and throws with what it last answered when `withinMs` have passed or `signal` aborts. */
export async function untilHealthy(url: string, withinMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask(url);
    if (answer === undefined) return;
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new Error(`${url} ${answer}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Undefined when healthy, else what was wrong. */
export async function ask(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.body?.cancel();
    return response.status === 200 ? undefined : `answers ${response.status}`;
  } catch {
    return 'does not answer';
  }
}
