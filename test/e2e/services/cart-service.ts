import { readEnv } from '@lib/service';
import { CartServiceModule } from '../../../apps/cart/src/app.module.js';
import type { CartView } from '../../../apps/cart/src/cart/cart-arithmetic.js';
import { cartEnv } from '../../../apps/cart/src/config.js';
import { call, type Answer } from './helpers/http.js';
import { NO_GATEWAY } from './helpers/inventory.js';
import { startService, type RunningService } from './helpers/service.js';

/** Starts the cart service. */
export function startCart(environment: Record<string, string>): Promise<RunningService> {
  const config = readEnv(cartEnv, { API_GATEWAY_URL: NO_GATEWAY, ...environment });
  return startService('cart', config, CartServiceModule.forRoot(config));
}

/** One user's cart, at a service that may be replaced by another. */
export class CartClient {
  constructor(
    private readonly service: () => RunningService,
    private readonly token: string,
  ) {}

  read(): Promise<Answer<CartView>> {
    return this.call('GET', '');
  }

  add(productId: number, quantity = 1, price = 9.99): Promise<Answer<CartView>> {
    return this.call('POST', '/items', { productId, quantity, price });
  }

  checkOut<T = unknown>(addressId: unknown = 1): Promise<Answer<T>> {
    return this.call('POST', '/checkout', { addressId });
  }

  call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    return call<T>(method, `${this.service().url}/cart${path}`, {
      token: this.token,
      ...(body !== undefined && { body }),
    });
  }
}
