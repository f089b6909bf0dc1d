import { databaseEnv, outboxEnv } from '@lib/persistence';
import { baseEnv, flag, list, port } from '@lib/service';
import { z } from 'zod';

const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;
const SENDER = /^([^<>@\r\n]*<[^\s@<>,;"]+@[^\s@<>,;"]+>|[^\s@<>,;"]+@[^\s@<>,;"]+)$/;

/** What the order service reads from its environment. */
export const orderEnv = baseEnv
  .extend({
    ...databaseEnv,
    ...outboxEnv,
    ORDER_PORT: port(3002),
    INVENTORY_GRPC_URL: z
      .string()
      .regex(/^(\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5}$/, 'must be host:port, such as localhost:50051')
      .default('localhost:50051'),
    API_GATEWAY_URL: z.url('must be a URL such as http://localhost:3000').default('http://localhost:3000'),
    EMAIL_NOTIFICATIONS_ENABLED: flag(false),
    EMAIL_HOST: z
      .string()
      .regex(/^[\w.:-]{1,255}$/, 'must be the host name or address of an SMTP server')
      .optional(),
    EMAIL_PORT: port(587).refine((number) => number > 0, 'must be 1 or more'),
    EMAIL_USER: z.string().optional(),
    EMAIL_PASSWORD: z.string().optional(),
    EMAIL_FROM: z.string().regex(SENDER, 'must be an e-mail address, or: Name <address>').optional(),
    ORDER_NOTIFICATION_RECIPIENTS: list('').refine(
      (addresses) => addresses.every((address) => ADDRESS.test(address)),
      'must be e-mail addresses, separated by commas',
    ),
    SENTRY_DSN: z
      .string()
      .regex(/^https?:\/\/[^\s/@]+@[^\s/@]+\/(\S+\/)?\d+$/, 'must be a Sentry DSN such as https://key@host/1')
      .optional(),
  })
  .superRefine((env, context) => {
    const wrong = (variable: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [variable], message });
    if ((env.EMAIL_USER === undefined) !== (env.EMAIL_PASSWORD === undefined)) {
      wrong('EMAIL_PASSWORD', 'must be set together with EMAIL_USER, or neither');
    }
    if (!env.EMAIL_NOTIFICATIONS_ENABLED) return;
    if (env.EMAIL_HOST === undefined) {
      wrong('EMAIL_HOST', 'must be set to an SMTP server where EMAIL_NOTIFICATIONS_ENABLED is true');
    }
    if (env.ORDER_NOTIFICATION_RECIPIENTS.length === 0) {
      wrong('ORDER_NOTIFICATION_RECIPIENTS', 'must name someone where EMAIL_NOTIFICATIONS_ENABLED is true');
    }
  });

export type OrderConfig = z.infer<typeof orderEnv>;

/** Under this token the config is injected. */
export const ORDER_CONFIG = Symbol('ORDER_CONFIG');
