import { port } from '@lib/service';
import type { z } from 'zod';
import { gatewayEnv } from '../../apps/api-gateway/src/config.js';
import { systemEnv } from '../services.js';

/** The variables of `npm run start:cluster`. `PORT` is the balancer's there. */
export const clusterEnv = systemEnv.extend({
  PORT_A: port(3011),
  PORT_B: port(3012),
  REDIS_PORT: port(6390),
  REDIS_URL: gatewayEnv.shape.REDIS_URL,
});
export type ClusterEnv = z.infer<typeof clusterEnv>;
