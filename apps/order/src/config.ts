import { databaseEnv } from '@lib/persistence';
import { baseEnv, port } from '@lib/service';
import { z } from 'zod';

/** What the order service reads from its environment. */
export const orderEnv = baseEnv.extend({
  ...databaseEnv,
  ORDER_PORT: port(3002),
  INVENTORY_GRPC_URL: z
    .string()
    .regex(/^(\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5}$/, 'must be host:port, such as localhost:50051')
    .default('localhost:50051'),
  API_GATEWAY_URL: z.url('must be a URL such as http://localhost:3000').default('http://localhost:3000'),
});

export type OrderConfig = z.infer<typeof orderEnv>;

/** Under this token the config is injected. */
export const ORDER_CONFIG = Symbol('ORDER_CONFIG');
