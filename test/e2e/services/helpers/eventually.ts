import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until `expectation` no longer throws; its last error where that takes longer than `patience` ms. */
export async function eventually(expectation: () => Promise<void>, patience = 10_000): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(50);
    }
  }
}
