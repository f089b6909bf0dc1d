import { createService, listen, readEnvOrExit, run } from '@lib/service';
import { OrderServiceModule } from './app.module.js';
import { orderEnv } from './config.js';

run('order', async () => {
  const config = readEnvOrExit(orderEnv);
  const app = await createService('order', config, OrderServiceModule.forRoot(config));
  await listen(app, 'ORDER_PORT', config.HOST, config.ORDER_PORT);
});
