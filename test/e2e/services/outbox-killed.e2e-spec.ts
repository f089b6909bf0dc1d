import { beforeAll, describe, expect, it } from '@jest/globals';
import { GatewayProcess } from '../../chaos/harness/gateway-process.js';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway } from '../../support/gateway.js';
import { allDelivered } from '../../support/notify.js';
import { build } from '../gateway/process.js';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { faultyLink, type FaultyLink } from './helpers/faulty-link.js';
import { call } from './helpers/http.js';
import { startInventory, type Inventory } from './helpers/inventory.js';
import { startOrders, type Order } from './helpers/order.js';
import { OrderProcess } from './helpers/order-process.js';
import { Tokens } from './helpers/tokens.js';

const SLOW = 120_000;

let environment: TestEnvironment;
let tokens: Tokens;
let inventory: Inventory;
let productId: number;

beforeAll(async () => {
  build();
  environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  inventory = await startInventory(environment);
  productId = (await inventory.createProduct(1_000_000)).id;
}, SLOW);

interface Update {
  data: { orderId: number; status: string };
}

const watching = async (url: string): Promise<TestClient> => {
  const client = await connect(url, tokens.of('admin', 1), { reconnection: true, reconnectionDelayMax: 500 });
  await client.ask('subscribe_to_orders');
  return client;
};
const updates = (client: TestClient): [number, string][] =>
  client.of<Update>('order_update').map(({ data }) => [data.orderId, data.status]);

describe('an order service that is killed (kill -9)', () => {
  let link: FaultyLink;
  let order: OrderProcess;
  let client: TestClient;
  let gateway: Awaited<ReturnType<typeof runGateway>>;

  beforeAll(async () => {
    const more = { JWT_SECRET: environment.JWT_SECRET };
    gateway = await runGateway(more);
    link = await faultyLink(new URL(gateway.url).host);
    const settings = { API_GATEWAY_URL: `http://${link.url}`, INVENTORY_GRPC_URL: inventory.grpcUrl };
    order = await OrderProcess.start(environment, settings);
    client = await watching(gateway.url);
  }, SLOW);

  const place = async (): Promise<number> => {
    const body = { addressId: 1, items: [{ productId, quantity: 1, price: 1 }] };
    const answer = await call<Order>('POST', `${order.url}/order/orders`, { token: tokens.of('customer', 7), body });
    expect(answer.status).toBe(201);
    return answer.body.id;
  };
  const published = () =>
    eventually(async () => expect(await order.outbox()).toEqual({ waiting: 0, oldestMs: 0, failed: 0 }), 20_000);

  it(
    'between the commit and the publishing publishes after its restart, once and in order',
    async () => {
      link.mode = 'cut';
      const ids: number[] = [];
      for (let count = 0; count < 5; count++) ids.push(await place());
      expect(await order.outbox()).toMatchObject({ waiting: 5, oldestMs: expect.any(Number) });
      await order.kill();
      link.mode = 'pass';
      await order.start();
      await published();
      await allDelivered(gateway, client);
      expect(updates(client)).toEqual(ids.map((id) => [id, 'PENDING']));
    },
    SLOW,
  );

  it(
    'after the gateway has an event and before it is told so publishes it again, and it counts once',
    async () => {
      const before = updates(client).length;
      link.mode = 'drop-replies';
      const first = await place();
      await client.until(() => updates(client).length > before, 'the event', 10_000);
      expect(await order.outbox()).toMatchObject({ waiting: 1 });
      await order.kill();
      link.mode = 'pass';
      await order.start();
      const second = await place();
      await published();
      await allDelivered(gateway, client);
      expect(updates(client).slice(before)).toEqual([
        [first, 'PENDING'],
        [second, 'PENDING'],
      ]);
    },
    SLOW,
  );

  it(
    'publishes nothing of an order that it refused',
    async () => {
      const before = updates(client).length;
      const body = { addressId: 1, items: [{ productId, quantity: 10_000, price: 1 }] };
      const scarce = (await inventory.createProduct(1)).id;
      const refused = await call('POST', `${order.url}/order/orders`, {
        token: tokens.of('customer', 7),
        body: { ...body, items: [{ productId: scarce, quantity: 2, price: 1 }] },
      });
      expect(refused.status).toBe(409);
      await published();
      await allDelivered(gateway, client);
      expect(updates(client)).toHaveLength(before);
    },
    SLOW,
  );
});

describe('a gateway that is killed (kill -9) while orders come and move', () => {
  it(
    'has every event of each order in the end, once, in its order',
    async () => {
      const gateway = await GatewayProcess.start({ JWT_SECRET: environment.JWT_SECRET });
      const client = await watching(gateway.url);
      const settings = { JWT_SECRET: environment.JWT_SECRET, API_GATEWAY_URL: gateway.url };
      const orders = await startOrders(await testEnvironment(), inventory.grpcUrl, settings);
      const staff = tokens.of('staff', 2);
      const placed: number[] = [];
      const work = async (): Promise<void> => {
        for (let count = 0; count < 25; count++) {
          const { status, body } = await orders.place(tokens.of('customer', 7), [{ productId, quantity: 1, price: 1 }]);
          expect(status).toBe(201);
          placed.push(body.id);
          expect((await orders.setStatus(staff, body.id, 'CONFIRMED')).status).toBe(200);
          expect((await orders.setStatus(staff, body.id, 'PROCESSING')).status).toBe(200);
        }
      };
      const working = Promise.all([work(), work(), work()]);
      for (let kill = 0; kill < 3; kill++) {
        const seen = updates(client).length;
        await eventually(async () => expect(updates(client).length).toBeGreaterThan(seen), 20_000).catch(
          () => undefined,
        );
        await gateway.kill();
        await gateway.start();
      }
      await working;
      await client.until(() => updates(client).length >= placed.length * 3, 'every update', 30_000);
      await allDelivered(gateway, client);
      const statuses = (of: number): string[] => updates(client).flatMap(([id, status]) => (id === of ? [status] : []));
      expect(updates(client)).toHaveLength(placed.length * 3);
      for (const id of placed) expect(statuses(id)).toEqual(['PENDING', 'CONFIRMED', 'PROCESSING']);
    },
    SLOW,
  );
});

describe('a gateway that hangs', () => {
  it(
    'slows no order down, and has them all once it answers again',
    async () => {
      const gateway = await runGateway({ JWT_SECRET: environment.JWT_SECRET });
      const link = await faultyLink(new URL(gateway.url).host);
      const client = await watching(gateway.url);
      const settings = { JWT_SECRET: environment.JWT_SECRET, API_GATEWAY_URL: `http://${link.url}` };
      const orders = await startOrders(await testEnvironment(), inventory.grpcUrl, settings);
      const customer = tokens.of('customer', 7);
      const median = async (): Promise<number> => {
        const times: number[] = [];
        for (let count = 0; count < 40; count++) {
          const begun = performance.now();
          expect((await orders.place(customer, [{ productId, quantity: 1, price: 1 }])).status).toBe(201);
          times.push(performance.now() - begun);
        }
        return times.toSorted((a, b) => a - b)[20] ?? Infinity;
      };
      await median(); // warms up
      const present = await median();
      link.mode = 'drop-replies';
      const away = await median();
      process.stderr.write(
        `order creation, median: ${present.toFixed(1)} ms; with a gateway that hangs: ${away.toFixed(1)} ms\n`,
      );
      expect(away).toBeLessThan(present * 2 + 10);
      link.mode = 'pass';
      await client.until(() => updates(client).length >= 120, 'every order', 30_000);
      await allDelivered(gateway, client);
      expect(updates(client)).toHaveLength(120);
    },
    SLOW,
  );
});
