import { Injectable } from '@nestjs/common';
import { BackgroundWork } from '@lib/service';
import { WebSocketClientService } from '@lib/websocket-client';
import { OrderNotices } from '../notices/order-notices.js';
import type { OrderStatus } from './order-state.js';
import type { OrderView } from './order.view.js';

/**
 * Tells the gateway of orders, and the shop's staff of new ones. Call it after the commit. The caller does not wait, so a gateway that is away or
 * slow delays nobody; what happens to one order is told in its order.
 */
@Injectable()
export class OrderNotifier {
  constructor(
    private readonly gateway: WebSocketClientService,
    private readonly background: BackgroundWork,
    private readonly notices: OrderNotices,
  ) {}

  created(order: OrderView): void {
    const { id, aliasId, userId, totalAmount, status } = order;
    this.background.run(`order:${id}`, () =>
      this.gateway.notifyOrderCreated({ orderId: id, aliasId, userId, totalAmount, status }),
    );
    this.notices.created(order);
  }

  statusChanged(order: OrderView, previousStatus: OrderStatus, message?: string): void {
    const { id, aliasId, userId, status } = order;
    const text = message === undefined ? {} : { message };
    this.background.run(`order:${id}`, () =>
      this.gateway.notifyOrderStatusUpdate({
        orderId: id,
        aliasId,
        userId,
        newStatus: status,
        previousStatus,
        ...text,
      }),
    );
  }
}
