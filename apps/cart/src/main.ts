import { createService, listen, readEnvOrExit, run } from '@lib/service';
import { CartServiceModule } from './app.module.js';
import { cartEnv } from './config.js';

run('cart', async () => {
  const config = readEnvOrExit(cartEnv);
  const app = await createService('cart', config, CartServiceModule.forRoot(config));
  await listen(app, 'CART_PORT', config.HOST, config.CART_PORT);
});
