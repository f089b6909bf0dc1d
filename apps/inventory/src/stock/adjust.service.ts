import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { Outbox } from '@lib/persistence';
import { SqlEntityManager } from '@mikro-orm/sql';
import { MAX_QUANTITY, type AdjustStockDto } from '../products/product.dto.js';
import { addToLocation, changeStock, takeFromLocation } from './stock-change.js';
import { stockEvents } from './stock-events.js';

@Injectable()
export class AdjustService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Pieces came or went for another reason than an order; `userId` is kept as who said so. Throws `not_found`,
   * `insufficient_stock` where the location (or the product, what is reserved aside) has fewer, `conflict` where
   * it would be more than {@link MAX_QUANTITY}.
   */
  async adjust(productId: number, change: AdjustStockDto, userId: string): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      const { quantity, locationId, reason } = change;
      const product = await changeStock(em, productId, { available: quantity, reserved: 0 });
      if (!product) throw await this.refusal(em, productId, change);
      if (quantity > 0) {
        await addToLocation(em, productId, locationId, quantity);
      } else if (!(await takeFromLocation(em, productId, locationId, -quantity))) {
        throw await this.refusal(em, productId, change);
      }
      await em.execute(
        `insert into stock_adjustments (product_id, location_id, quantity, reason, user_id, created_at)
         values (?, ?, ?, ?, ?, ?)`,
        [productId, locationId, quantity, reason, userId, new Date()],
        'run',
      );
      await this.outbox.add(em, ...stockEvents(product, reason));
    });
  }

  private async refusal(em: SqlEntityManager, productId: number, change: AdjustStockDto): Promise<OmsError> {
    const { quantity, locationId } = change;
    const [product] = await em.execute('select 1 from products where id = ?', [productId]);
    if (!product) return new OmsError('not_found');
    if (quantity > 0) return new OmsError('conflict', { message: `Stock is limited to ${MAX_QUANTITY} pieces` });
    const [level] = await em.execute<{ quantity: number }[]>(
      'select quantity from stock_levels where product_id = ? and location_id = ?',
      [productId, locationId],
    );
    const details = { productId, locationId, requested: -quantity, available: level?.quantity ?? 0 };
    return new OmsError('insufficient_stock', { details });
  }
}
