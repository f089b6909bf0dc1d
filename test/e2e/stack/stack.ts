import { DEVELOPMENT_JWT_SECRET } from '@lib/service';
import { SAMPLE_USERS } from '../../../apps/auth/src/sample-users.js';
import type { Session } from '../../../apps/auth/src/sessions/session.dto.js';
import { connect, type TestClient } from '../../support/client.js';
import { running, type System } from '../scripts/system.js';
import { call, type Answer, type CallOptions } from '../services/helpers/http.js';
import type { Product } from '../services/helpers/inventory.js';
import type { Order } from '../services/helpers/order.js';
import { atEnd } from '../services/helpers/teardown.js';
import { Tokens } from '../services/helpers/tokens.js';

type Who = 'admin' | 'staff' | 'customer' | 'other';

export interface RealTimeEvent {
  type: string;
  userId?: number;
  data: Record<string, unknown>;
}

/** Everything that `npm start` starts, seen from where its users are: through the gateway. */
export interface Stack extends System {
  url: string;
  tokens: Tokens;
  logIn(who: Who): Promise<Session>;
  /** A request with the access token of a sample user. */
  as<T>(who: Who, method: string, path: string, body?: unknown, more?: CallOptions): Promise<Answer<T>>;
  order<T = Order>(who: Who, productId: number, quantity: number): Promise<Answer<T>>;
  product(id: number): Promise<Product>;
  createProduct(quantity: number, threshold: number): Promise<Product>;
  /** A stock client of a sample user, with these subscriptions confirmed. */
  client(who: Who, ...subscriptions: ('orders' | 'inventory')[]): Promise<TestClient>;
}

let skus = 0;

/** Runs until the test file ends. */
export async function runStack(): Promise<Stack> {
  const system = await running({}, atEnd);
  const url = new URL(system.health('gateway')).origin;
  const sessions = new Map<Who, Session>();

  const logIn = async (who: Who): Promise<Session> => {
    const user = SAMPLE_USERS.find(({ email }) => email === `${who}@example.com`);
    const body = { email: user?.email, password: user?.password };
    const answer = await call<Session>('POST', `${url}/auth/login`, { body });
    if (answer.status !== 200) throw new Error(`login of ${who}: ${JSON.stringify(answer.body)}`);
    sessions.set(who, answer.body);
    return answer.body;
  };
  const tokenOf = async (who: Who): Promise<string> => (sessions.get(who) ?? (await logIn(who))).accessToken;
  const as = async <T>(who: Who, method: string, path: string, body?: unknown, more?: CallOptions) =>
    call<T>(method, url + path, { token: await tokenOf(who), ...(body !== undefined && { body }), ...more });

  return {
    ...system,
    url,
    tokens: new Tokens(DEVELOPMENT_JWT_SECRET),
    logIn,
    as,
    order: (who, productId, quantity) =>
      as(who, 'POST', '/order/orders', { addressId: 1, items: [{ productId, quantity, price: 19.99 }] }),
    product: async (id) => (await as<Product>('customer', 'GET', `/inventory/products/${id}`)).body,
    async createProduct(quantity, threshold) {
      skus += 1;
      const body = { sku: `STACK-${skus}`, name: `Product ${skus}`, price: 19.99, quantity, threshold };
      return (await as<Product>('staff', 'POST', '/inventory/products', body)).body;
    },
    async client(who, ...subscriptions) {
      const client = await connect(url, await tokenOf(who), { reconnection: true });
      for (const subscription of subscriptions) client.socket.emit(`subscribe_to_${subscription}`);
      await client.waitFor('subscription_confirmed', subscriptions.length);
      return client;
    },
  };
}
