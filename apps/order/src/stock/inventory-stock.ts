import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { TokenService } from '@lib/auth';
import { StockRpcClient } from '@lib/stock-rpc';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';

/** Inventory's reservations, over gRPC. */
@Injectable()
export class InventoryStock extends StockRpcClient implements OnApplicationShutdown {
  constructor(@Inject(ORDER_CONFIG) config: OrderConfig, tokens: TokenService) {
    super(config.INVENTORY_GRPC_URL, tokens, 'order');
  }

  onApplicationShutdown(): void {
    this.close();
  }
}
