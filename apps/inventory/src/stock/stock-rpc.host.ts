import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { TokenService } from '@lib/auth';
import { StockRpcServer } from '@lib/stock-rpc';
import { INVENTORY_CONFIG, type InventoryConfig } from '../config.js';
import { ReservationService } from './reservation.service.js';

/** Opens the gRPC port beside the app's HTTP port, and closes it with it. */
@Injectable()
export class StockRpcHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** The port it listens on. */
  port = 0;

  private readonly logger = new Logger(StockRpcHost.name);
  private readonly server: StockRpcServer;

  constructor(
    @Inject(INVENTORY_CONFIG) private readonly config: InventoryConfig,
    reservations: ReservationService,
    tokens: TokenService,
  ) {
    this.server = new StockRpcServer({ reservations, tokens, onError: (error) => this.logger.error(error) });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.port = await this.server.listen(this.config.HOST, this.config.INVENTORY_GRPC_PORT);
    this.logger.log(`gRPC on ${this.config.HOST}:${this.port}`);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.server.close();
  }
}
