import { z } from 'zod';

/** The variables of a service's outbox, to be spread into its schema: `baseEnv.extend({ ...outboxEnv })`. */
export const outboxEnv = {
  /** Events that one request to the gateway carries at most. */
  OUTBOX_BATCH: z.coerce
    .number('must be a number, 1 to 1000')
    .int('must be a whole number')
    .min(1, 'must be 1 or more')
    .max(1_000, 'must be at most 1000')
    .default(500),
  /** Milliseconds between two looks for rows that nobody in this process has announced: those of another. */
  OUTBOX_POLL_INTERVAL: z.coerce
    .number('must be a number of milliseconds')
    .int('must be a whole number')
    .min(10, 'must be 10 or more')
    .max(60_000, 'must be at most 60000')
    .default(1_000),
};

export type OutboxEnv = z.infer<z.ZodObject<typeof outboxEnv>>;
