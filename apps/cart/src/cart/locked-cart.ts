import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Cart, CartItem } from './cart.entity.js';

/** A cart nobody else can change until the transaction ends. */
export interface LockedCart {
  em: SqlEntityManager;
  cart: Cart;
  /** In the order in which they were put in. */
  items: CartItem[];
}

@Injectable()
export class CartLock {
  constructor(private readonly em: SqlEntityManager) {}

  /** Runs `work` in a transaction that holds the user's cart. What it changes on the entities is written at the end. */
  hold<T>(userId: string, work: (locked: LockedCart) => Promise<T>): Promise<T> {
    return this.em.transactional(async (em) => {
      // There must be a row to lock, or two first items would not see one another.
      await em.execute('insert into carts (user_id) values (?) on conflict do nothing', [userId]);
      const cart = await em.findOneOrFail(Cart, { userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      return work({ em, cart, items: await itemsOf(em, userId) });
    });
  }
}

export function itemsOf(em: SqlEntityManager, userId: string): Promise<CartItem[]> {
  return em.find(CartItem, { userId }, { orderBy: { id: 'asc' } });
}
