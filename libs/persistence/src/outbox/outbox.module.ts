import { Module, type DynamicModule } from '@nestjs/common';
import { EVENT_PUBLISHER, OUTBOX_OPTIONS, type OutboxOptions } from './options.js';
import { OutboxHealth } from './outbox-health.js';
import { Outbox } from './outbox.js';
import { OutboxRelay } from './relay.js';

export type { OutboxOptions } from './options.js';

/** Gives {@link Outbox} to a service that has `PersistenceModule` and an {@link OutboxMigration}, and publishes what is in it. */
@Module({})
export class OutboxModule {
  static forRoot(options: OutboxOptions): DynamicModule {
    return {
      module: OutboxModule,
      global: true,
      providers: [
        { provide: OUTBOX_OPTIONS, useValue: options },
        { provide: EVENT_PUBLISHER, useExisting: options.publisher },
        Outbox,
        OutboxHealth,
        OutboxRelay,
      ],
      exports: [Outbox, OutboxHealth],
    };
  }
}
