import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SqlEntityManager } from '@mikro-orm/sql';
import { INVENTORY_CONFIG, type InventoryConfig } from '../config.js';
import { DEFAULT_LOCATION } from './product.dto.js';
import { Product } from './product.entity.js';
import { ProductService } from './product.service.js';

/** Product 1 is a little above its threshold: an order of two or more brings the alert that stock is low. */
const SAMPLES = [
  { sku: 'KEYBOARD-1', name: 'Mechanical keyboard', price: 89.9, quantity: 12, threshold: 10 },
  { sku: 'MOUSE-1', name: 'Wireless mouse', price: 29.99, quantity: 120, threshold: 20 },
  { sku: 'MONITOR-27', name: 'Monitor, 27 inch', price: 249, quantity: 40, threshold: 5 },
  { sku: 'HUB-7', name: 'USB hub, 7 ports', price: 34.5, quantity: 3, threshold: 5 },
  { sku: 'CABLE-2M', name: 'USB-C cable, 2 m', price: 12.95, quantity: 500, threshold: 50 },
];

/** Something to order in development, where the embedded database holds no product yet. */
@Injectable()
export class SampleProducts implements OnApplicationBootstrap {
  private readonly logger = new Logger(SampleProducts.name);

  constructor(
    @Inject(INVENTORY_CONFIG) private readonly config: InventoryConfig,
    private readonly em: SqlEntityManager,
    private readonly products: ProductService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.NODE_ENV !== 'development' || this.config.DATABASE_HOST !== undefined) return;
    if ((await this.em.fork().count(Product)) > 0) return;
    for (const sample of SAMPLES) await this.products.create({ ...sample, locationId: DEFAULT_LOCATION });
    this.logger.log(`${SAMPLES.length} sample products`);
  }
}
