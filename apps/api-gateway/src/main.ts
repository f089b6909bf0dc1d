import { readEnvOrExit, run } from '@lib/service';
import { gatewayEnv } from './config.js';
import { startGateway } from './gateway.js';

run('api-gateway', async () => {
  await startGateway(readEnvOrExit(gatewayEnv));
});
