import { Injectable } from '@nestjs/common';
import type { Principal } from '@lib/auth';
import { OmsError } from '@lib/events';
import { Outbox } from '@lib/persistence';
import { SqlEntityManager } from '@mikro-orm/sql';
import { SettleService } from '../stock/settle.service.js';
import { statusChanged } from './order-events.js';
import { canMove, stockDueAt, type OrderStatus } from './order-state.js';
import { Order } from './order.entity.js';
import type { OrderView } from './order.view.js';
import { ReadService, type PlacedOrder } from './read.service.js';

@Injectable()
export class ChangeStatusService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly orders: ReadService,
    private readonly settle: SettleService,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Throws `invalid_transition` with `details: { from, to }`, and `conflict` where the order was changed while this
   * was decided: of two that change it at once one wins.
   */
  async change(order: PlacedOrder, to: OrderStatus, message?: string): Promise<OrderView> {
    const from = order.status;
    if (!canMove(from, to)) {
      throw new OmsError('invalid_transition', {
        message: `An order cannot go from ${from} to ${to}`,
        details: { from, to },
      });
    }
    const stockDue = stockDueAt(to);
    const changes = {
      status: to,
      version: order.version + 1,
      updatedAt: new Date(),
      ...(stockDue && { stockDue }),
    };
    const { id, version } = order;
    await this.em.fork().transactional(async (em) => {
      if ((await em.nativeUpdate(Order, { id, version }, changes)) === 0) throw new OmsError('conflict');
      await this.outbox.add(em, statusChanged(order, from, to, message));
    });

    const view = await this.orders.view(Object.assign(order, changes));
    if (stockDue) this.settle.soon(id);
    return view;
  }

  /** Throws `not_found` too, also for another customer's order. */
  async cancel(caller: Principal, id: number, reason?: string): Promise<OrderView> {
    return this.change(await this.orders.find(caller, id), 'CANCELLED', reason);
  }
}
