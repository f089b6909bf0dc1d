import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationShutdown,
  type Type,
} from '@nestjs/common';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { CONTRACTS, JOURNAL, LIMITS, type RealtimeContract } from './contract.js';
import { Counters } from './counters.js';
import { Dispatcher } from './dispatcher.js';
import { Drain } from './drain.js';
import { Follower } from './follower.js';
import type { Journal } from './journal/journal.js';
import { DEFAULT_LIMITS, type RealtimeLimits } from './limits.js';
import { Readiness } from './readiness.js';
import { Resume } from './resume.js';
import { closeState, embeddedState, SHARED_STATE, type SharedState } from './shared-state.js';
import { Subscriptions } from './subscriptions.js';

export interface RealtimeOptions {
  /** Opened by the caller, closed by the engine after its last socket. */
  journal: Journal;
  /** Providers that implement {@link RealtimeContract}; what they inject must be globally available. */
  contracts: readonly Type<RealtimeContract>[];
  /** What several nodes share; left out, this process is alone and its sessions end with it. Closed by the engine. */
  state?: SharedState;
  limits?: Partial<RealtimeLimits>;
}

/** The engine. Needs `app.useWebSocketAdapter(new RealtimeAdapter(app, …))`, and a gateway per contract. */
@Module({})
export class RealtimeModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(SHARED_STATE) private readonly state: SharedState,
    private readonly drain: Drain,
    private readonly follower: Follower,
  ) {}

  static forRoot({ journal, contracts, state, limits }: RealtimeOptions): DynamicModule {
    const shared = [
      { provide: JOURNAL, useValue: journal },
      { provide: LIMITS, useValue: { ...DEFAULT_LIMITS, ...limits } },
      { provide: SHARED_STATE, useValue: state ?? embeddedState() },
      Admission,
      Connections,
      Counters,
      Dispatcher,
      Drain,
      Follower,
      Readiness,
      Resume,
      Subscriptions,
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

  /** Sockets get what the journal has until the last of them is gone. */
  async beforeApplicationShutdown(): Promise<void> {
    this.drain.begin();
    await this.drain.closeSockets();
    await this.follower.end();
  }

  async onApplicationShutdown(): Promise<void> {
    await closeState(this.state);
    await this.journal.close();
  }
}
