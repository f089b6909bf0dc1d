import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { databaseOf, OutboxModule, PersistenceModule, type PersistenceOptions } from '@lib/persistence';
import { WebSocketClientModule, WebSocketClientService } from '@lib/websocket-client';
import { INVENTORY_CONFIG, type InventoryConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { Migration20261120000001Stock } from './migrations/20261120000001-stock.js';
import { Migration20261127000001Outbox } from './migrations/20261127000001-outbox.js';
import { ProductController } from './products/product.controller.js';
import { Product, StockLevel } from './products/product.entity.js';
import { ProductService } from './products/product.service.js';
import { SampleProducts } from './products/sample-products.js';
import { AdjustService } from './stock/adjust.service.js';
import { ReservationService } from './stock/reservation.service.js';
import { StockRpcHost } from './stock/stock-rpc.host.js';

/** The inventory service's own database, for the service and for `npm run migration:run`. */
export function persistenceOptions(config: InventoryConfig): PersistenceOptions {
  return {
    service: 'inventory',
    dataDir: config.DATA_DIR,
    database: databaseOf(config),
    entities: [Product, StockLevel],
    migrations: [Migration20261120000001Stock, Migration20261127000001Outbox],
  };
}

/** Products, their stock by location, and what of it is set aside for orders. */
@Module({})
export class InventoryServiceModule {
  static forRoot(config: InventoryConfig): DynamicModule {
    return {
      module: InventoryServiceModule,
      imports: [
        AuthModule.forRoot({ secret: config.JWT_SECRET, expiresIn: config.JWT_EXPIRES_IN }),
        PersistenceModule.forRoot(persistenceOptions(config)),
        WebSocketClientModule.forRoot({
          apiGatewayUrl: config.API_GATEWAY_URL,
          jwtSecret: config.JWT_SECRET,
          serviceName: 'inventory',
        }),
        OutboxModule.forRoot({
          service: 'inventory',
          publisher: WebSocketClientService,
          batch: config.OUTBOX_BATCH,
          pollMs: config.OUTBOX_POLL_INTERVAL,
        }),
      ],
      controllers: [HealthController, ProductController],
      providers: [
        { provide: INVENTORY_CONFIG, useValue: config },
        ProductService,
        AdjustService,
        ReservationService,
        StockRpcHost,
        SampleProducts,
      ],
    };
  }
}
