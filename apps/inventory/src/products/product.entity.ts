import { BigIntType, type Opt } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * `available` and `reserved` are sums over all locations. They change only by the conditional updates of
 * `stock/`, never through this entity: two writers would overwrite each other's.
 */
@Entity({ tableName: 'products' })
export class Product {
  @PrimaryKey({ type: 'integer' })
  id: number;

  @Property({ type: 'string' })
  sku: string;

  @Property({ type: 'string' })
  name: string;

  @Property({ type: new BigIntType('number') })
  priceCents: number;

  /** Stock at or under it is low. */
  @Property({ type: 'integer' })
  threshold: number;

  /** Pieces that can be ordered. */
  @Property({ type: 'integer' })
  available: number & Opt = 0;

  /** Pieces set aside for orders that have not left yet. */
  @Property({ type: 'integer' })
  reserved: number & Opt = 0;

  @Property({ type: 'datetime' })
  createdAt: Date & Opt = new Date();

  @Property({ type: 'datetime' })
  updatedAt: Date & Opt = new Date();
}

/** What of a product's available pieces lies where. */
@Entity({ tableName: 'stock_levels' })
export class StockLevel {
  @PrimaryKey({ type: 'integer' })
  productId: number;

  @PrimaryKey({ type: 'string' })
  locationId: string;

  @Property({ type: 'integer' })
  quantity: number;
}
