import { databaseEnv, outboxEnv } from '@lib/persistence';
import { baseEnv, port } from '@lib/service';
import { z } from 'zod';
import type { Span } from '@lib/service';

/** What the auth service reads from its environment. */
export const authEnv = baseEnv
  .extend({
    ...databaseEnv,
    ...outboxEnv,
    AUTH_PORT: port(3004),
    /** The gateway, to which the service's events go. */
    API_GATEWAY_URL: z.url('must be a URL such as http://localhost:3000').default('http://localhost:3000'),
    /** How long a refresh token may lie unused. */
    REFRESH_EXPIRES_IN: z
      .string()
      .regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a span such as 7d, 12h or 30m')
      .default('7d')
      .transform((span) => span as Span),
    /** Both set: a first admin, made where there are no users yet. */
    AUTH_ADMIN_EMAIL: z.email('must be an e-mail address').max(254, 'must be at most 254 characters').optional(),
    AUTH_ADMIN_PASSWORD: z
      .string()
      .min(12, 'must be at least 12 characters')
      .max(256, 'must be at most 256 characters')
      .optional(),
  })
  .refine((env) => (env.AUTH_ADMIN_EMAIL === undefined) === (env.AUTH_ADMIN_PASSWORD === undefined), {
    path: ['AUTH_ADMIN_PASSWORD'],
    message: 'must be set together with AUTH_ADMIN_EMAIL, or neither',
  });

export type AuthConfig = z.infer<typeof authEnv>;

/** Under this token the config is injected. */
export const AUTH_CONFIG = Symbol('AUTH_CONFIG');
