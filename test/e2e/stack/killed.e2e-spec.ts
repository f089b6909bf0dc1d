import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Session } from '../../../apps/auth/src/sessions/session.dto.js';
import { until } from '../../infra/until.js';
import type { TestClient } from '../../support/client.js';
import { allDelivered } from '../../support/notify.js';
import { untilSaid } from '../scripts/command.js';
import { answers, isAlive, SLOW } from '../scripts/system.js';
import { call, type Refusal } from '../services/helpers/http.js';
import type { Order } from '../services/helpers/order.js';
import { runStack, type RealTimeEvent, type Stack } from './stack.js';

interface Cart {
  items: { productId: number; quantity: number }[];
}

let stack: Stack;
let clients: TestClient[];
let placed: Order;
let session: Session;
let productId: number;

/** What is asked of each service, through the gateway: each answers from its own data. */
const QUESTIONS = {
  auth: () => stack.as('customer', 'GET', '/auth/me'),
  order: () => stack.as('customer', 'GET', `/order/orders/${placed.id}`),
  inventory: () => stack.as('customer', 'GET', `/inventory/products/${productId}`),
  cart: () => stack.as('customer', 'GET', '/cart'),
};
type Service = keyof typeof QUESTIONS;
const SERVICES = Object.keys(QUESTIONS) as Service[];

beforeAll(async () => {
  stack = await runStack();
  clients = [await stack.client('customer'), await stack.client('admin', 'orders', 'inventory')];
  session = await stack.logIn('customer');
  productId = (await stack.createProduct(100, 1)).id;
  placed = (await stack.order('customer', productId, 2)).body;
  await stack.as('customer', 'POST', '/cart/items', { productId, quantity: 3, price: 1 });
}, SLOW);

async function kill(app: string): Promise<void> {
  const pid = stack.processes().get(app) ?? 0;
  expect(pid).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  await until(`${app} is dead`, () => !isAlive(pid));
}

async function restarted(service: string): Promise<void> {
  await untilSaid(stack, `${service} was ended by SIGKILL. Starting it again`);
  await until(`${service} is back`, () => answers(stack.health(service)));
}

describe.each(SERVICES)('%s, killed with kill -9', (service) => {
  it(
    'is missed alone, and comes back with its data',
    async () => {
      const disconnections: string[] = [];
      for (const { socket } of clients) socket.on('disconnect', (reason) => disconnections.push(reason));
      const before = await QUESTIONS[service]();
      expect(before.status).toBe(200);

      await kill(service);
      const missed = (await QUESTIONS[service]()) as { status: number; body: unknown };
      expect([502, 503]).toContain(missed.status);
      expect(['bad_gateway', 'unavailable']).toContain((missed.body as Refusal).error.code);
      expect(await answers(stack.health('gateway'))).toBe(true);
      for (const other of SERVICES.filter((name) => name !== service)) {
        expect([other, (await QUESTIONS[other]()).status]).toEqual([other, 200]);
      }
      await allDelivered(stack, ...clients);

      await restarted(service);
      // The gateway's own connections to it are new by then, or are made new at the first request.
      const after = await QUESTIONS[service]();
      expect(after).toMatchObject({ status: 200, body: before.body });
      await allDelivered(stack, ...clients);
      expect(disconnections).toEqual([]);
    },
    SLOW,
  );
});

describe('after all services were killed', () => {
  it('an order goes its way as before, and what was there counts', async () => {
    const [customer, admin] = clients;
    const body = { refreshToken: session.refreshToken };
    expect((await call('POST', `${stack.url}/auth/refresh`, { body })).status).toBe(200);
    expect((await stack.as<Cart>('customer', 'GET', '/cart')).body.items).toMatchObject([{ productId, quantity: 3 }]);
    const checkedOut = await stack.as<Order>('customer', 'POST', '/cart/checkout', { addressId: 1 });
    expect(checkedOut.status).toBe(201);
    expect((await stack.product(productId)).quantity).toBe(95);
    for (const client of [customer, admin]) {
      const updates = await client?.waitFor<RealTimeEvent>('order_update', 2);
      expect(updates?.map(({ data }) => data['orderId'])).toEqual([placed.id, checkedOut.body.id]);
    }
  });
});

describe('the gateway, killed with kill -9', () => {
  it(
    'leaves the services alone; stock clients come back by themselves, miss nothing and see nothing twice',
    async () => {
      const pids = stack.processes();
      await kill('api-gateway');
      expect(await answers(stack.health('order'))).toBe(true);
      await restarted('gateway');
      for (const service of SERVICES) expect(stack.processes().get(service)).toBe(pids.get(service));
      const ordered = await stack.order('customer', productId, 1);
      expect(ordered.status).toBe(201);
      for (const client of clients) {
        const updates = await client.waitFor<RealTimeEvent>('order_update', 3, 20_000);
        await allDelivered(stack, client);
        expect(updates.map(({ data }) => data['orderId']).at(-1)).toBe(ordered.body.id);
        expect(client.of('order_update')).toHaveLength(3);
      }
    },
    SLOW,
  );
});

describe('Ctrl-C', () => {
  it('ends everything with 0, clients connected or not, and leaves no process behind', async () => {
    const pids = [...stack.processes().values()];
    expect(pids).toHaveLength(5);
    const gone = clients.map((client) => client.ended());
    stack.process.kill('SIGINT');
    expect(await stack.ended).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    // Closed so that a stock client comes back by itself, and not told to stay away.
    for (const reason of await Promise.all(gone)) expect(reason).not.toBe('io server disconnect');
    expect(stack.stdout()).toContain('Everything is stopped.');
    expect(stack.stdout()).not.toContain('did not stop');
    expect(stack.stderr()).toBe('');
  });
});
