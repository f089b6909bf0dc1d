import { databaseEnv, outboxEnv } from '@lib/persistence';
import { baseEnv, port } from '@lib/service';
import { z } from 'zod';

/** What the inventory service reads from its environment. */
export const inventoryEnv = baseEnv.extend({
  ...databaseEnv,
  ...outboxEnv,
  INVENTORY_PORT: port(3003),
  /** Where order's reservations come in. */
  INVENTORY_GRPC_PORT: port(50_051),
  API_GATEWAY_URL: z.url('must be a URL such as http://localhost:3000').default('http://localhost:3000'),
});

export type InventoryConfig = z.infer<typeof inventoryEnv>;

/** Under this token the config is injected. */
export const INVENTORY_CONFIG = Symbol('INVENTORY_CONFIG');
