import { readEnv } from '@lib/service';
import { OrderServiceModule } from '../../../../apps/order/src/app.module.js';
import { orderEnv } from '../../../../apps/order/src/config.js';
import type { TestEnvironment } from './environment.js';
import { call, type Answer, type CallOptions } from './http.js';
import { NO_GATEWAY } from './inventory.js';
import { startService, type RunningService } from './service.js';

export interface Order {
  id: number;
  aliasId: string;
  userId: number | string;
  addressId: number | string;
  status: string;
  totalAmount: number;
  items: { productId: number; quantity: number; price: number }[];
  createdAt: string;
  updatedAt: string;
}

export interface OrderList {
  count: number;
  limit: number;
  offset: number;
  orders: Order[];
}

export interface Orders extends RunningService {
  place<T = Order>(token: string, items: object[], more?: CallOptions): Promise<Answer<T>>;
  list(token: string, query?: string): Promise<Answer<OrderList>>;
  read<T = Order>(token: string, id: number | string): Promise<Answer<T>>;
  setStatus<T = Order>(token: string, id: number | string, status: string, message?: string): Promise<Answer<T>>;
  cancel<T = Order>(token: string, id: number | string, body?: object): Promise<Answer<T>>;
}

export async function startOrders(
  environment: TestEnvironment,
  inventoryGrpcUrl: string,
  more: Record<string, string> = {},
): Promise<Orders> {
  const env = { API_GATEWAY_URL: NO_GATEWAY, INVENTORY_GRPC_URL: inventoryGrpcUrl, ...environment, ...more };
  const config = readEnv(orderEnv, env);
  const service = await startService('order', config, OrderServiceModule.forRoot(config));
  const orders = `${service.url}/order/orders`;
  return {
    ...service,
    place: (token, items, given) => call('POST', orders, { token, body: { addressId: 1, items }, ...given }),
    list: (token, query = '') => call('GET', orders + query, { token }),
    read: (token, id) => call('GET', `${orders}/${id}`, { token }),
    setStatus: (token, id, status, message) =>
      call('PATCH', `${orders}/${id}/status`, { token, body: { status, ...(message !== undefined && { message }) } }),
    cancel: (token, id, body) => call('POST', `${orders}/${id}/cancel`, { token, body }),
  };
}
