import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { databaseOf, OutboxModule, PersistenceModule, type PersistenceOptions } from '@lib/persistence';
import { BackgroundWork } from '@lib/service';
import { WebSocketClientModule, WebSocketClientService } from '@lib/websocket-client';
import { ORDER_CONFIG, type OrderConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { Migration20261120000001Orders } from './migrations/20261120000001-orders.js';
import { Migration20261127000001Outbox } from './migrations/20261127000001-outbox.js';
import { Mailer } from './notices/mailer.js';
import { OrderNotices } from './notices/order-notices.js';
import { SentryMessages } from './notices/sentry-messages.js';
import { ChangeStatusService } from './orders/change-status.service.js';
import { OrderController } from './orders/order.controller.js';
import { Order, OrderItem } from './orders/order.entity.js';
import { PlaceService } from './orders/place.service.js';
import { ReadService } from './orders/read.service.js';
import { InventoryStock } from './stock/inventory-stock.js';
import { SettleService } from './stock/settle.service.js';

/** The order service's own database, for the service and for `npm run migration:run`. */
export function persistenceOptions(config: OrderConfig): PersistenceOptions {
  return {
    service: 'order',
    dataDir: config.DATA_DIR,
    database: databaseOf(config),
    entities: [Order, OrderItem],
    migrations: [Migration20261120000001Orders, Migration20261127000001Outbox],
  };
}

/** Orders, from their placing to their end. */
@Module({})
export class OrderServiceModule {
  static forRoot(config: OrderConfig): DynamicModule {
    return {
      module: OrderServiceModule,
      imports: [
        AuthModule.forRoot({ secret: config.JWT_SECRET, expiresIn: config.JWT_EXPIRES_IN }),
        PersistenceModule.forRoot(persistenceOptions(config)),
        WebSocketClientModule.forRoot({
          apiGatewayUrl: config.API_GATEWAY_URL,
          jwtSecret: config.JWT_SECRET,
          serviceName: 'order',
        }),
        OutboxModule.forRoot({
          service: 'order',
          publisher: WebSocketClientService,
          batch: config.OUTBOX_BATCH,
          pollMs: config.OUTBOX_POLL_INTERVAL,
        }),
      ],
      controllers: [HealthController, OrderController],
      providers: [
        { provide: ORDER_CONFIG, useValue: config },
        BackgroundWork,
        InventoryStock,
        SettleService,
        Mailer,
        SentryMessages,
        OrderNotices,
        ReadService,
        PlaceService,
        ChangeStatusService,
      ],
    };
  }
}
