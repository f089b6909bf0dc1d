import { TokenService } from '@lib/auth';
import { readEnv } from '@lib/service';
import { StockRpcClient } from '@lib/stock-rpc';
import { InventoryServiceModule } from '../../../../apps/inventory/src/app.module.js';
import { inventoryEnv } from '../../../../apps/inventory/src/config.js';
import { StockRpcHost } from '../../../../apps/inventory/src/stock/stock-rpc.host.js';
import type { TestEnvironment } from './environment.js';
import { call } from './http.js';
import { startService, type RunningService } from './service.js';
import { atEnd } from './teardown.js';
import { Tokens } from './tokens.js';

export interface Product {
  id: number;
  sku: string;
  name: string;
  price: number;
  threshold: number;
  quantity: number;
  reserved: number;
  locations: { locationId: string; quantity: number }[];
  createdAt: string;
  updatedAt: string;
}

export interface Inventory extends RunningService {
  /** `host:port` of the gRPC server. */
  grpcUrl: string;
  /** Speaks to it as the order service does. */
  stock: StockRpcClient;
  createProduct(quantity: number, more?: object): Promise<Product>;
  product(id: number): Promise<Product>;
}

/** Nothing listens there: notifications fail at once. */
export const NO_GATEWAY = 'http://127.0.0.1:9';

let skus = 0;

export async function startInventory(
  environment: TestEnvironment,
  more: Record<string, string> = {},
): Promise<Inventory> {
  const env = { API_GATEWAY_URL: NO_GATEWAY, INVENTORY_GRPC_PORT: '0', ...environment, ...more };
  const config = readEnv(inventoryEnv, env);
  const service = await startService('inventory', config, InventoryServiceModule.forRoot(config));
  const grpcUrl = `127.0.0.1:${service.app.get(StockRpcHost).port}`;
  const stock = new StockRpcClient(grpcUrl, service.app.get(TokenService), 'order');
  atEnd(async () => stock.close());
  const token = new Tokens(environment.JWT_SECRET).of('admin', 1);
  return {
    ...service,
    grpcUrl,
    stock,
    async createProduct(quantity, given = {}) {
      skus += 1;
      const body = { sku: `SKU-${skus}`, name: `Product ${skus}`, price: 9.99, quantity, ...given };
      return (await call<Product>('POST', `${service.url}/inventory/products`, { token, body })).body;
    },
    async product(id) {
      return (await call<Product>('GET', `${service.url}/inventory/products/${id}`, { token })).body;
    },
  };
}
