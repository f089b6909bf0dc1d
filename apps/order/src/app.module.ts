import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { databaseOf, PersistenceModule, type PersistenceOptions } from '@lib/persistence';
import { BackgroundWork } from '@lib/service';
import { WebSocketClientModule } from '@lib/websocket-client';
import { ORDER_CONFIG, type OrderConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { Migration20261120000001Orders } from './migrations/20261120000001-orders.js';
import { Mailer } from './notices/mailer.js';
import { OrderNotices } from './notices/order-notices.js';
import { SentryMessages } from './notices/sentry-messages.js';
import { ChangeStatusService } from './orders/change-status.service.js';
import { OrderNotifier } from './orders/order-notifier.js';
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
    migrations: [Migration20261120000001Orders],
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
        OrderNotifier,
        ReadService,
        PlaceService,
        ChangeStatusService,
      ],
    };
  }
}
