import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OmsError, type Json } from '@lib/events';
import { fromCents } from '@lib/service';
import { Outbox } from '@lib/persistence';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Cart, CartItem } from '../cart/cart.entity.js';
import { CartLock } from '../cart/locked-cart.js';
import type { AddressId } from './checkout.dto.js';
import { OrderClient, type OrderOutcome, type OrderRequest } from './order.client.js';

interface Begun {
  /** False: it goes on with a check-out whose end was never learnt, after a crash or a time-out. */
  fresh: boolean;
  request: Omit<OrderRequest, 'authorization'>;
}

/**
 * Turns a cart into an order: once, whatever happens in between. The check-out's id is written down before the order
 * service is asked, and forgotten when its answer is known; with it in place the cart does not change, so that
 * asking again asks for the same order.
 */
@Injectable()
export class CheckoutService {
  /** By user: a second check-out while one runs in this process shares its answer. */
  private readonly running = new Map<string, { address: string; order: Promise<Json> }>();

  constructor(
    private readonly em: SqlEntityManager,
    private readonly lock: CartLock,
    private readonly orders: OrderClient,
    private readonly outbox: Outbox,
  ) {}

  /** Answers the order as the order service made it. Throws its refusal, or `conflict` where the cart is empty. */
  async checkOut(userId: string, addressId: AddressId, authorization: string): Promise<Json> {
    const address = JSON.stringify(addressId);
    const running = this.running.get(userId);
    if (running) {
      if (running.address !== address) throw toAnotherAddress();
      return running.order;
    }
    const order = this.run(userId, addressId, authorization);
    this.running.set(userId, { address, order });
    try {
      return await order;
    } finally {
      this.running.delete(userId);
    }
  }

  private async run(userId: string, addressId: AddressId, authorization: string): Promise<Json> {
    const { fresh, request } = await this.begin(userId, addressId);
    const outcome = await this.orders.place({ ...request, authorization });
    await this.settle(userId, request.key, fresh, outcome);
    if (outcome.kind === 'placed') return outcome.order;
    throw outcome.error;
  }

  private begin(userId: string, addressId: AddressId): Promise<Begun> {
    const address = JSON.stringify(addressId);
    return this.lock.hold(userId, async ({ cart, items }) => {
      if (items.length === 0) throw new OmsError('conflict', { message: 'The cart is empty' });
      const fresh = cart.checkoutId === null;
      if (!fresh && cart.checkoutAddress !== address) throw toAnotherAddress();
      const key = cart.checkoutId ?? randomUUID();
      cart.checkoutId = key;
      cart.checkoutAddress = address;
      const lines = items.map(({ productId, quantity, priceCents }) => ({
        productId,
        quantity,
        price: fromCents(priceCents),
      }));
      return { fresh, request: { key, addressId, items: lines } };
    });
  }

  /** Opens the cart again where it is certain what became of the order, and empties it where there is one. */
  private async settle(userId: string, checkoutId: string, fresh: boolean, outcome: OrderOutcome): Promise<void> {
    const { kind } = outcome;
    const certain = kind === 'placed' || kind === 'refused' || (kind === 'turned_away' && fresh);
    if (!certain) return;
    await this.em.transactional(async (em) => {
      const open = { checkoutId: null, checkoutAddress: null };
      const settled = await em.nativeUpdate(Cart, { userId, checkoutId }, open);
      // Whoever settles it empties it: the cart may be in use again by the time that another process learns it.
      if (settled === 0 || kind !== 'placed') return;
      await em.nativeDelete(CartItem, { userId });
      // The order service tells of the order. This says that it came of a cart, once.
      const detail = { orderId: orderIdOf(outcome.order) };
      await this.outbox.add(em, { type: 'user.activity', data: { userId, action: 'checked_out', detail } });
    });
  }
}

function orderIdOf(order: Json): Json {
  return typeof order === 'object' && order !== null && !Array.isArray(order) ? (order['id'] ?? null) : null;
}

function toAnotherAddress(): OmsError {
  return new OmsError('conflict', {
    message: 'A check-out to another address is not settled: repeat it with that address first',
  });
}
