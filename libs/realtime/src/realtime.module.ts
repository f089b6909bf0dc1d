import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { Connections } from './connections.js';
import { CONTRACTS, JOURNAL, LIMITS, type RealtimeContract } from './contract.js';
import { Counters } from './counters.js';
import { Dispatcher } from './dispatcher.js';
import { Follower } from './follower.js';
import type { Journal } from './journal/journal.js';
import { DEFAULT_LIMITS, type RealtimeLimits } from './limits.js';
import { MemoryPresence } from './presence/presence.memory.js';
import { PRESENCE } from './presence/presence.js';

export interface RealtimeOptions {
  /** Opened by the caller, closed by the engine after its last socket. */
  journal: Journal;
  /** Providers that implement {@link RealtimeContract}; what they inject must be globally available. */
  contracts: readonly Type<RealtimeContract>[];
  limits?: Partial<RealtimeLimits>;
}

/** The engine. Needs `app.useWebSocketAdapter(new RealtimeAdapter(app, …))`, and a gateway per contract. */
@Module({})
export class RealtimeModule implements OnApplicationShutdown {
  constructor(@Inject(JOURNAL) private readonly journal: Journal) {}

  static forRoot({ journal, contracts, limits }: RealtimeOptions): DynamicModule {
    const shared = [
      { provide: JOURNAL, useValue: journal },
      { provide: LIMITS, useValue: { ...DEFAULT_LIMITS, ...limits } },
      { provide: PRESENCE, useClass: MemoryPresence },
      Connections,
      Counters,
      Dispatcher,
      Follower,
      ...contracts,
    ];
    return {
      module: RealtimeModule,
      global: true,
      providers: [
        ...shared,
        { provide: CONTRACTS, useFactory: (...made: RealtimeContract[]) => made, inject: [...contracts] },
      ],
      exports: [...shared, CONTRACTS],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.journal.close();
  }
}
