import { HttpModule } from '@nestjs/axios';
import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { databaseOf, OutboxModule, PersistenceModule, type PersistenceOptions } from '@lib/persistence';
import { WebSocketClientModule, WebSocketClientService } from '@lib/websocket-client';
import { CartController } from './cart/cart.controller.js';
import { Cart, CartItem } from './cart/cart.entity.js';
import { CartService } from './cart/cart.service.js';
import { CartLock } from './cart/locked-cart.js';
import { CheckoutController } from './checkout/checkout.controller.js';
import { CheckoutService } from './checkout/checkout.service.js';
import { OrderClient } from './checkout/order.client.js';
import { CART_CONFIG, type CartConfig } from './config.js';
import { HealthController } from './health.controller.js';
import { Migration20261120000001Carts } from './migrations/20261120000001-carts.js';
import { Migration20261127000001Outbox } from './migrations/20261127000001-outbox.js';

/** The cart service's own database, for the service and for `npm run migration:run`. */
export function persistenceOptions(config: CartConfig): PersistenceOptions {
  return {
    service: 'cart',
    dataDir: config.DATA_DIR,
    database: databaseOf(config),
    entities: [Cart, CartItem],
    migrations: [Migration20261120000001Carts, Migration20261127000001Outbox],
  };
}

/** Carts, and their check-out into orders. */
@Module({})
export class CartServiceModule {
  static forRoot(config: CartConfig): DynamicModule {
    return {
      module: CartServiceModule,
      imports: [
        AuthModule.forRoot({ secret: config.JWT_SECRET, expiresIn: config.JWT_EXPIRES_IN }),
        PersistenceModule.forRoot(persistenceOptions(config)),
        WebSocketClientModule.forRoot({
          apiGatewayUrl: config.API_GATEWAY_URL,
          jwtSecret: config.JWT_SECRET,
          serviceName: 'cart',
        }),
        OutboxModule.forRoot({
          service: 'cart',
          publisher: WebSocketClientService,
          batch: config.OUTBOX_BATCH,
          pollMs: config.OUTBOX_POLL_INTERVAL,
        }),
        HttpModule,
      ],
      controllers: [HealthController, CartController, CheckoutController],
      providers: [{ provide: CART_CONFIG, useValue: config }, CartLock, CartService, CheckoutService, OrderClient],
    };
  }
}
