import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService, type BaseEnv } from '@lib/service';
import { atEnd } from './teardown.js';

/** A service that runs in this process and listens on a free port. */
export interface RunningService {
  url: string;
  app: NestFastifyApplication;
  /** Stops it; the end of the test file does, too. */
  stop(): Promise<void>;
}

export async function startService(name: string, env: BaseEnv, module: DynamicModule): Promise<RunningService> {
  const app = await createService(name, env, module);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= app.close());
  atEnd(stop);
  await app.listen(0, '127.0.0.1');
  return { url: (await app.getUrl()).replace(/\/$/, ''), app, stop };
}
