import type { SqlEntityManager } from '@mikro-orm/sql';
import { MAX_QUANTITY } from '../products/product.dto.js';

/** A change of what can be ordered of a product, as `triggerInventoryNotifications` takes it. */
export interface StockChange {
  productId: number;
  productName: string;
  previousQuantity: number;
  currentQuantity: number;
  threshold: number;
}

/** Pieces to add; below 0, to take. */
export interface StockDelta {
  available: number;
  reserved: number;
}

/**
 * Changes a product's sums by one conditional update: of two that race for the last piece one finds the row
 * changed and gets `undefined`, on SQLite and PostgreSQL alike. `undefined` too for an unknown product, and for more
 * than {@link MAX_QUANTITY}. On PostgreSQL the row stays locked until the transaction ends, so that the product's
 * locations may be changed after it without a race; whoever changes several products does so in the order of
 * their ids, or two would wait for each other.
 */
export async function changeStock(
  em: SqlEntityManager,
  productId: number,
  delta: StockDelta,
): Promise<StockChange | undefined> {
  const { available, reserved } = delta;
  const [row] = await em.execute<{ name: string; available: number; threshold: number }[]>(
    `update products
        set available = available + ?, reserved = reserved + ?, updated_at = ?
      where id = ? and available + ? >= 0 and available + reserved + ? <= ?
      returning name, available, threshold`,
    [available, reserved, new Date(), productId, available, available + reserved, MAX_QUANTITY],
  );
  if (!row) return undefined;
  return {
    productId,
    productName: row.name,
    previousQuantity: row.available - available,
    currentQuantity: row.available,
    threshold: row.threshold,
  };
}

/** Adds pieces to a location, which need not have held any. Call {@link changeStock} first: it locks. */
export async function addToLocation(
  em: SqlEntityManager,
  productId: number,
  locationId: string,
  quantity: number,
): Promise<void> {
  await em.execute(
    `insert into stock_levels (product_id, location_id, quantity) values (?, ?, ?)
     on conflict (product_id, location_id) do update set quantity = stock_levels.quantity + excluded.quantity`,
    [productId, locationId, quantity],
    'run',
  );
}

/** Takes pieces from a location; false, and nothing taken, where it has fewer. */
export async function takeFromLocation(
  em: SqlEntityManager,
  productId: number,
  locationId: string,
  quantity: number,
): Promise<boolean> {
  const { affectedRows } = await em.execute<{ affectedRows: number }>(
    'update stock_levels set quantity = quantity - ? where product_id = ? and location_id = ? and quantity >= ?',
    [quantity, productId, locationId, quantity],
    'run',
  );
  return affectedRows === 1;
}
