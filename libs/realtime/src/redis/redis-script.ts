import type { Redis } from 'ioredis';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A Lua script, sent whole only to a server that does not have it: a new one, or one that has been restarted. */
export class RedisScript<Answer> {
  private readonly lua: string;
  private readonly sha: string;

  constructor(file: URL) {
    this.lua = readFileSync(file, 'utf8');
    this.sha = hash('sha1', this.lua, 'hex');
  }

  /** Arguments in one array, never spread: there may be more of them than a call takes. */
  async run(client: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<Answer> {
    const call = (name: 'EVALSHA' | 'EVAL', script: string): Promise<unknown> => {
      const head: (string | number)[] = [script, keys.length, ...keys];
      return client.call(name, head.concat(args));
    };
    try {
      return (await call('EVALSHA', this.sha)) as Answer;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return (await call('EVAL', this.lua)) as Answer;
    }
  }
}
