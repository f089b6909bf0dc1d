import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { Principal } from '@lib/auth';
import { UnsubscribeDto, type Audience, type OmsClientEvents, type OmsServerEvents } from '@lib/events';
import { RealtimeGateway, Subscriptions, type SocketData } from '@lib/realtime';
import { OmsContract } from './oms.contract.js';
import type { DefaultEventsMap, Socket } from 'socket.io';

type OmsSocket = Socket<OmsClientEvents, OmsServerEvents, DefaultEventsMap, SocketData<Principal>>;

const TOPICS: Readonly<Record<UnsubscribeDto['type'], Audience>> = {
  order: 'topic:orders',
  inventory: 'topic:inventory',
};

/** The client messages of the OMS contract. What a method returns goes into the acknowledgement. */
@RealtimeGateway('/events')
export class OmsGateway {
  constructor(
    private readonly contract: OmsContract,
    private readonly subscriptions: Subscriptions,
  ) {}

  @SubscribeMessage('subscribe_to_orders' satisfies keyof OmsClientEvents)
  async subscribeToOrders(@ConnectedSocket() socket: OmsSocket): Promise<{ scope?: 'own' }> {
    // A customer's own orders come by the user's audience, held since the connection.
    const all = this.contract.mayHold(socket.data.identity, TOPICS.order);
    if (all) await this.subscriptions.add(socket, TOPICS.order);
    const scope = all ? {} : { scope: 'own' as const };
    this.confirm(socket, {
      type: 'order_updates',
      message: all ? 'Subscribed to all order updates' : 'Subscribed to updates of your own orders',
      ...scope,
    });
    return scope;
  }

  @SubscribeMessage('subscribe_to_inventory' satisfies keyof OmsClientEvents)
  async subscribeToInventory(@ConnectedSocket() socket: OmsSocket): Promise<void> {
    await this.subscriptions.add(socket, TOPICS.inventory);
    this.confirm(socket, { type: 'inventory_updates', message: 'Subscribed to inventory alerts' });
  }

  @SubscribeMessage('unsubscribe' satisfies keyof OmsClientEvents)
  async unsubscribe(@ConnectedSocket() socket: OmsSocket, @MessageBody() { type }: UnsubscribeDto): Promise<void> {
    await this.subscriptions.remove(socket, TOPICS[type]);
  }

  @SubscribeMessage('ping' satisfies keyof OmsClientEvents)
  ping(@ConnectedSocket() socket: OmsSocket): { timestamp: string } {
    const pong = { timestamp: new Date().toISOString() };
    socket.emit('pong', pong);
    return pong;
  }

  private confirm(socket: OmsSocket, payload: Parameters<OmsServerEvents['subscription_confirmed']>[0]): void {
    this.subscriptions.confirm(socket, 'subscription_confirmed' satisfies keyof OmsServerEvents, payload);
  }
}
