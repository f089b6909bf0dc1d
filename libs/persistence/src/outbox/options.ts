import type { InjectionToken } from '@nestjs/common';
import type { EventPublisher } from '@lib/events';

export interface OutboxOptions {
  /** Names the service; `/services/<service>` is the source of its events. */
  service: string;
  /** The way to the journal: an injectable that some global module provides. */
  publisher: InjectionToken<EventPublisher>;
  /** Events that are published at once; at most 1,000. */
  batch: number;
  /** Milliseconds between two looks for rows that another process wrote. */
  pollMs: number;
}

export const OUTBOX_OPTIONS = Symbol('OUTBOX_OPTIONS');
export const EVENT_PUBLISHER = Symbol('EVENT_PUBLISHER');
