import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** One user's cart. Its row is what changes and check-outs lock, so that they come one after the other. */
@Entity({ tableName: 'carts' })
export class Cart {
  @PrimaryKey({ type: 'string' })
  userId: string;

  /**
   * Set from the start of a check-out until its end is known, over crashes and time-outs: the order service is asked
   * again under this one key, and so makes one order. Meanwhile the cart does not change.
   */
  @Property({ type: 'string', nullable: true })
  checkoutId: string | null = null;

  /** The address of that check-out, as JSON. */
  @Property({ type: 'string', nullable: true })
  checkoutAddress: string | null = null;
}

@Entity({ tableName: 'cart_items' })
export class CartItem {
  /** Ascending: the order in which products were put in. */
  @PrimaryKey({ type: 'integer' })
  id: number;

  @Property({ type: 'string' })
  userId: string;

  @Property({ type: 'integer' })
  productId: number;

  @Property({ type: 'integer' })
  quantity: number;

  /** Of one piece. */
  @Property({ type: 'integer' })
  priceCents: number;
}
