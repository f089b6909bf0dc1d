import { Inject, Injectable } from '@nestjs/common';
import { OmsError, type Audience } from '@lib/events';
import { CONTRACTS, type RealtimeContract } from './contract.js';
import { Dispatcher } from './dispatcher.js';
import { SHARED_STATE, type SharedState } from './shared-state.js';
import { pidOf, type RealtimeSocket } from './socket.js';

/** What clients hold by their own wish, remembered over reconnects. */
@Injectable()
export class Subscriptions {
  constructor(
    @Inject(SHARED_STATE) private readonly state: SharedState,
    @Inject(CONTRACTS) private readonly contracts: readonly RealtimeContract[],
    private readonly dispatcher: Dispatcher,
  ) {}

  /** Resolves when it is remembered. Throws `OmsError` `forbidden` where the contract says that the user may not. */
  async add(socket: RealtimeSocket, audience: Audience): Promise<void> {
    const contract = this.contracts.find(({ namespace }) => namespace === socket.nsp.name);
    if (!contract?.mayHold(socket.data.identity, audience)) throw new OmsError('forbidden');
    await socket.join(audience);
    // Looked at now, in the turn in which it is changed: a client asks for several at once.
    const { held = [] } = socket.data;
    try {
      await this.remember(socket, [...new Set([...held, audience])]);
    } catch (error) {
      // Refused is refused: not held by this connection only, to be missed after the next.
      if (!held.includes(audience)) {
        socket.data.held = (socket.data.held ?? []).filter((other) => other !== audience);
        await socket.leave(audience);
      }
      throw error;
    }
  }

  /**
   * Tells a client of its subscription, in order with the deliveries, and moves it to the present: what came before
   * it subscribed is not what it misses when it comes back.
   */
  confirm(socket: RealtimeSocket, event: string, payload: object): void {
    this.dispatcher.confirm(socket, event, payload);
  }

  async remove(socket: RealtimeSocket, audience: Audience): Promise<void> {
    await socket.leave(audience);
    await this.remember(
      socket,
      (socket.data.held ?? []).filter((held) => held !== audience),
    );
  }

  private async remember(socket: RealtimeSocket, audiences: readonly Audience[]): Promise<void> {
    socket.data.held = audiences;
    const { identity, since = '' } = socket.data;
    await this.state.sessions.save(pidOf(socket), { userId: identity.userId, audiences, since });
  }
}
