import { Inject, Injectable } from '@nestjs/common';
import { Drain } from './drain.js';
import { Follower } from './follower.js';
import { SHARED_STATE, type SharedState } from './shared-state.js';

/** Whether this node can serve clients now. */
@Injectable()
export class Readiness {
  constructor(
    private readonly drain: Drain,
    private readonly follower: Follower,
    @Inject(SHARED_STATE) private readonly state: SharedState,
  ) {}

  /** Why it cannot, for operators; undefined where it can. */
  complaint(): string | undefined {
    if (this.drain.draining) return 'this node is shutting down';
    const progress = this.follower.progress();
    if (!progress.ok) return progress.reason;
    // Without it nobody can be let in: their tokens may be revoked.
    return this.state.available() ? undefined : 'what the nodes share does not answer';
  }
}
