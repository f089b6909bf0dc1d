import { createService, listen, readEnvOrExit, run } from '@lib/service';
import { AuthServiceModule } from './app.module.js';
import { authEnv } from './config.js';

run('auth', async () => {
  const config = readEnvOrExit(authEnv);
  const app = await createService('auth', config, AuthServiceModule.forRoot(config));
  await listen(app, 'AUTH_PORT', config.HOST, config.AUTH_PORT);
});
