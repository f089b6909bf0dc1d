import { prepareDatabase } from '@lib/persistence';
import { readEnvOrExit, run } from '@lib/service';
import * as auth from '../../apps/auth/src/app.module.js';
import { authEnv } from '../../apps/auth/src/config.js';
import * as cart from '../../apps/cart/src/app.module.js';
import { cartEnv } from '../../apps/cart/src/config.js';
import * as inventory from '../../apps/inventory/src/app.module.js';
import { inventoryEnv } from '../../apps/inventory/src/config.js';
import * as order from '../../apps/order/src/app.module.js';
import { orderEnv } from '../../apps/order/src/config.js';

/** Brings every service's database up to date, as each service also does when it starts. */
run('migration:run', async () => {
  const databases = [
    auth.persistenceOptions(readEnvOrExit(authEnv)),
    inventory.persistenceOptions(readEnvOrExit(inventoryEnv)),
    order.persistenceOptions(readEnvOrExit(orderEnv)),
    cart.persistenceOptions(readEnvOrExit(cartEnv)),
  ];
  for (const options of databases) {
    const names = await prepareDatabase(options);
    process.stdout.write(`${options.service}: ${names.length === 0 ? 'up to date' : `ran ${names.join(', ')}`}\n`);
  }
});
