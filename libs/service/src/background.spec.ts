import { describe, expect, it } from '@jest/globals';
import { BackgroundWork } from './background.js';

describe('BackgroundWork', () => {
  it('keeps the order within a key, lets other keys pass, and is waited for by a shutdown', async () => {
    const background = new BackgroundWork();
    const seen: string[] = [];
    let open: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    background.run('a', async () => {
      await gate;
      seen.push('a1');
    });
    background.run('a', async () => void seen.push('a2'));
    await new Promise<void>((resolve) => {
      background.run('b', async () => {
        seen.push('b1');
        resolve();
      });
    });
    const shutdown = background.beforeApplicationShutdown();
    expect(seen).toEqual(['b1']);
    open?.();
    await shutdown;
    expect(seen).toEqual(['b1', 'a1', 'a2']);
  });
});
