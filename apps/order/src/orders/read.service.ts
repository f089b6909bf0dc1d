import { Injectable } from '@nestjs/common';
import { hasRole, type Principal } from '@lib/auth';
import { OmsError } from '@lib/events';
import { SqlEntityManager } from '@mikro-orm/sql';
import type { ListOrdersQuery } from './order.dto.js';
import { Order, OrderItem } from './order.entity.js';
import { ORDER_STATUSES, type OrderStatus } from './order-state.js';
import { toOrderView, type OrderPage, type OrderView } from './order.view.js';

/** Admin and staff see every order, anyone else their own. */
function seesAll(caller: Principal): boolean {
  return hasRole(caller, 'admin', 'staff');
}

/** An order that users see: it was placed. */
export type PlacedOrder = Order & { status: OrderStatus };

@Injectable()
export class ReadService {
  constructor(private readonly em: SqlEntityManager) {}

  /** The newest first. */
  async list(caller: Principal, { limit, offset, status }: ListOrdersQuery): Promise<OrderPage> {
    const em = this.em.fork();
    const where = {
      status: { $in: status === undefined ? [...ORDER_STATUSES] : [status] },
      ...(!seesAll(caller) && { userId: caller.userId }),
    };
    const [orders, count] = await em.findAndCount(Order, where, { orderBy: { id: 'desc' }, limit, offset });
    const items = await em.find(OrderItem, { orderId: { $in: orders.map(({ id }) => id) } });
    return { count, limit, offset, orders: orders.map((order) => toOrderView(order, items)) };
  }

  /** Throws `not_found`, also for another customer's order: that it exists is not theirs to know. */
  async find(caller: Principal, id: number): Promise<PlacedOrder> {
    const order = await this.findAny(id);
    if (!seesAll(caller) && order.userId !== caller.userId) throw new OmsError('not_found');
    return order;
  }

  /** Whoever asks. Throws `not_found`. */
  async findAny(id: number): Promise<PlacedOrder> {
    const order = await this.em.fork().findOne(Order, { id, status: { $in: [...ORDER_STATUSES] } });
    if (!order) throw new OmsError('not_found');
    return order as PlacedOrder;
  }

  async view(order: Order): Promise<OrderView> {
    return toOrderView(order, await this.em.fork().find(OrderItem, { orderId: order.id }));
  }
}
