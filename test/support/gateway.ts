import { startGateway } from '../../apps/api-gateway/src/gateway.js';
import { gatewayEnv } from '../../apps/api-gateway/src/config.js';
import { readEnv } from '@lib/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { testEnvironment } from '../e2e/services/helpers/environment.js';
import { atEnd } from '../e2e/services/helpers/teardown.js';
import { Tokens } from '../e2e/services/helpers/tokens.js';

/** A gateway that runs in this process on a free port, with a journal of its own. */
export interface RunningGateway {
  url: string;
  secret: string;
  dataDir: string;
  tokens: Tokens;
  app: NestFastifyApplication;
  stop(): Promise<void>;
}

export async function runGateway(settings: Readonly<Record<string, string>> = {}): Promise<RunningGateway> {
  const environment = await testEnvironment();
  const config = readEnv(gatewayEnv, { ...environment, PORT: '0', ...settings });
  const app = await startGateway(config);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= app.close());
  atEnd(stop);
  const url = (await app.getUrl()).replace(/\/$/, '');
  return { url, secret: config.JWT_SECRET, dataDir: config.DATA_DIR, tokens: new Tokens(config.JWT_SECRET), app, stop };
}
