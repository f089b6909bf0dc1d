import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { toCents } from '@lib/service';
import { SqlEntityManager } from '@mikro-orm/sql';
import { cartView, MAX_LINES, MAX_QUANTITY, type CartView } from './cart-arithmetic.js';
import type { AddItemDto } from './cart.dto.js';
import { Cart, CartItem } from './cart.entity.js';
import { CartLock, itemsOf, type LockedCart } from './locked-cart.js';

/** Puts things into carts and takes them out. Each change answers the cart as it is then. */
@Injectable()
export class CartService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly lock: CartLock,
  ) {}

  async read(userId: string): Promise<CartView> {
    const cart = await this.em.findOne(Cart, { userId });
    return cart ? cartView(await itemsOf(this.em, userId), cart.checkoutId !== null) : cartView([]);
  }

  /** What is in the cart already becomes more, at the price given now. */
  add(userId: string, { productId, quantity, price }: AddItemDto): Promise<CartView> {
    return this.change(userId, async ({ em, items }) => {
      const priceCents = toCents(price);
      const present = items.find((item) => item.productId === productId);
      if (present) {
        if (present.quantity + quantity > MAX_QUANTITY) throw limit(`${MAX_QUANTITY} pieces of one product`);
        present.quantity += quantity;
        present.priceCents = priceCents;
        return;
      }
      if (items.length >= MAX_LINES) throw limit(`${MAX_LINES} products`);
      const item = em.create(CartItem, { userId, productId, quantity, priceCents });
      await em.persist(item).flush();
      items.push(item);
    });
  }

  setQuantity(userId: string, productId: number, quantity: number): Promise<CartView> {
    return this.change(userId, async ({ items }) => {
      find(items, productId).quantity = quantity;
    });
  }

  remove(userId: string, productId: number): Promise<CartView> {
    return this.change(userId, async ({ em, items }) => {
      const item = find(items, productId);
      em.remove(item);
      items.splice(items.indexOf(item), 1);
    });
  }

  async clear(userId: string): Promise<void> {
    await this.change(userId, async ({ em, items }) => {
      await em.nativeDelete(CartItem, { userId });
      items.length = 0;
    });
  }

  private change(userId: string, work: (locked: LockedCart) => Promise<void>): Promise<CartView> {
    return this.lock.hold(userId, async (locked) => {
      if (locked.cart.checkoutId !== null) {
        throw new OmsError('conflict', { message: 'A check-out of this cart is not settled: check out again first' });
      }
      await work(locked);
      return cartView(locked.items);
    });
  }
}

function find(items: readonly CartItem[], productId: number): CartItem {
  const item = items.find((candidate) => candidate.productId === productId);
  if (!item) throw new OmsError('not_found', { message: 'This product is not in the cart' });
  return item;
}

function limit(most: string): OmsError {
  return new OmsError('conflict', { message: `A cart holds at most ${most}` });
}
