import { baseEnv, list, port, spanSeconds, tlsEnv, type Span } from '@lib/service';
import { z } from 'zod';

const upstream = (fallback: string) =>
  z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).default(fallback);
const milliseconds = (fallback: number) => z.coerce.number().int().min(100).max(3_600_000).default(fallback);

/** A span of time, in milliseconds. */
const span = (fallback: Span) =>
  z
    .string()
    .regex(/^\d{1,6}[smhd]$/, 'must be a span such as 24h, 15m or 7d')
    .default(fallback)
    .transform((text) => spanSeconds(text as Span) * 1000);

/** The environment of the gateway. Each variable is described in `.env.example`. */
export const gatewayEnv = baseEnv.extend({
  ...tlsEnv,
  PORT: port(3000),
  NODE_NAME: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/, 'must be 1 to 16 small letters or digits')
    .optional(),
  // `*` lets every page call, with the caller's own origin in the answer.
  CORS_ORIGIN: list('http://localhost:3001').transform((origins) => (origins.includes('*') ? true : origins)),
  AUTH_URL: upstream('http://localhost:3004'),
  ORDER_URL: upstream('http://localhost:3002'),
  INVENTORY_URL: upstream('http://localhost:3003'),
  CART_URL: upstream('http://localhost:3005'),
  PROXY_TIMEOUT: milliseconds(30_000),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w-]{1,32}$/, 'must be 1 to 32 letters, digits, - or _')
    .default('oms'),
  JOURNAL_MAX_AGE: span('7d'),
  JOURNAL_MAX_COUNT: z.coerce.number().int().min(1_000).max(1_000_000_000).default(1_000_000),
  JOURNAL_DEDUP_WINDOW: span('24h'),
  JOURNAL_SYNC: z.enum(['normal', 'full'], 'must be normal or full').default('normal'),
  WS_PING_INTERVAL: milliseconds(25_000),
  WS_PING_TIMEOUT: milliseconds(60_000),
  WS_UPGRADE_TIMEOUT: milliseconds(10_000),
  WS_MAX_MESSAGE_BYTES: z.coerce.number().int().min(1_024).max(104_857_600).default(1_000_000),
  WS_MESSAGES_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(100),
  WS_MAX_BUFFERED_BYTES: z.coerce.number().int().min(262_144).max(1_073_741_824).default(1_048_576),
  WS_MAX_REPLAY: z.coerce.number().int().min(1).max(100_000).default(5_000),
  DRAIN_TIME: z.coerce.number().int().min(0).max(600_000).default(5_000),
});
export type GatewayConfig = z.infer<typeof gatewayEnv>;
