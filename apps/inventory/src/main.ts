import { createService, listen, readEnvOrExit, run } from '@lib/service';
import { InventoryServiceModule } from './app.module.js';
import { inventoryEnv } from './config.js';

run('inventory', async () => {
  const config = readEnvOrExit(inventoryEnv);
  const app = await createService('inventory', config, InventoryServiceModule.forRoot(config));
  await listen(app, 'INVENTORY_PORT', config.HOST, config.INVENTORY_PORT);
});
