import { databaseEnv, outboxEnv } from '@lib/persistence';
import { baseEnv, port } from '@lib/service';
import { z } from 'zod';

/** What the cart service reads from its environment. */
export const cartEnv = baseEnv.extend({
  ...databaseEnv,
  ...outboxEnv,
  CART_PORT: port(3005),
  /** The gateway, to which the service's events go. */
  API_GATEWAY_URL: z.url('must be a URL such as http://localhost:3000').default('http://localhost:3000'),
  /** The order service, to which a check-out goes. */
  ORDER_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as http://localhost:3002' })
    .default('http://localhost:3002'),
});

export type CartConfig = z.infer<typeof cartEnv>;

/** Under this token the config is injected. */
export const CART_CONFIG = Symbol('CART_CONFIG');
