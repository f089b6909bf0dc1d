import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { faultyLink } from './helpers/faulty-link.js';
import { call } from './helpers/http.js';
import { NO_GATEWAY, startInventory } from './helpers/inventory.js';
import type { Order, OrderList } from './helpers/order.js';
import { atEnd } from './helpers/teardown.js';
import { Tokens } from './helpers/tokens.js';

const ROOT = join(import.meta.dirname, '../../..');

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await testEnvironment();
});

function run(args: readonly string[], env: Record<string, string>): ChildProcess {
  // Not this test's own settings: an empty variable counts as unset, whatever a developer's .env says.
  const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'], DATABASE_HOST: '' };
  return spawn(process.execPath, args, { cwd: ROOT, env: { ...inherited, ...env }, stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const migrate = async (env: Record<string, string>): Promise<unknown> => {
  const child = run(['scripts/migrate.mjs'], env);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
};

describe('npm run migration:run', () => {
  it('brings a new database up to date, and one that is', async () => {
    // The first also builds dist/ where it is missing.
    const fresh = await testEnvironment();
    expect([await migrate(fresh), await migrate(fresh)]).toEqual([0, 0]);
  });

  it('may be run by several at the same time', async () => {
    const fresh = await testEnvironment();
    expect(await Promise.all([migrate(fresh), migrate(fresh), migrate(fresh)])).toEqual([0, 0, 0]);
  });
});

describe('an order service that is killed (kill -9)', () => {
  it('keeps what it has answered, and gives up what it has not', async () => {
    const inventory = await startInventory(environment);
    const link = await faultyLink(inventory.grpcUrl);
    const customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
    const port = await freePort();
    const orders = `http://127.0.0.1:${port}/order/orders`;
    const start = async (): Promise<ChildProcess> => {
      const env = { API_GATEWAY_URL: NO_GATEWAY, ORDER_PORT: String(port), INVENTORY_GRPC_URL: link.url };
      const child = run(['dist/apps/order/src/main.js'], { ...environment, ...env });
      atEnd(async () => void child.kill('SIGKILL'));
      await eventually(async () => {
        expect((await call('GET', `http://127.0.0.1:${port}/orders/health`)).status).toBe(200);
      });
      return child;
    };
    const place = (productId: number, quantity: number) =>
      call<Order>('POST', orders, {
        token: customer,
        body: { addressId: 1, items: [{ productId, quantity, price: 1 }] },
      });

    const first = await start();
    const { id } = await inventory.createProduct(5);
    const placed = await place(id, 1);
    expect(placed.status).toBe(201);

    link.mode = 'drop-replies';
    const lost = place(id, 3).then(
      () => 'answered',
      () => 'no answer',
    );
    await eventually(async () => expect(await inventory.product(id)).toMatchObject({ quantity: 1, reserved: 4 }));
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(await lost).toBe('no answer');

    link.mode = 'pass';
    await start();
    await eventually(async () => expect(await inventory.product(id)).toMatchObject({ quantity: 4, reserved: 1 }));
    const list = await call<OrderList>('GET', orders, { token: customer });
    expect(list.body.orders).toEqual([placed.body]);
  });
});
