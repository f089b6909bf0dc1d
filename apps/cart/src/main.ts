import { createService, listen, readEnvOrExit, run } from '@lib/service';
import { CartModule } from './app.module.js';
import { cartEnv } from './config.js';

run('cart', async () => {
  const config = readEnvOrExit(cartEnv);
  const app = await createService('cart', config, CartModule.forRoot(config));
  await listen(app, 'cart', config.HOST, config.CART_PORT);
});
