import { beforeAll, describe, expect, it } from '@jest/globals';
import { Dispatcher } from '@lib/realtime';
import { connect, type TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { call } from '../services/helpers/http.js';

const RECONNECT = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0 };

async function notify(gateway: RunningGateway, userId: number, from: number, to: number): Promise<void> {
  const events = Array.from({ length: to - from }, (_, index) => ({
    type: 'user.notified',
    data: { userId, kind: 'n', title: 't', message: String(from + index) },
  }));
  const answer = await call('POST', `${gateway.url}/events`, {
    token: gateway.tokens.of('service', 'test'),
    body: events,
  });
  expect(answer.status).toBe(202);
}

const numbers = (client: TestClient): number[] =>
  client.of<{ data: { message: string } }>('user_notification').map(({ data }) => Number(data.message));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Breaks every connection of the gateway as a network does: without a word. */
function dropAll(gateway: RunningGateway): void {
  for (const channel of gateway.app.get(Dispatcher).all) {
    for (const { socket } of channel.all) socket.conn.close();
  }
}

describe('a stock client that comes back', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  it.each(['websocket', 'polling'])(
    'gets over %s what it missed, once and in order, and then what is new',
    async (transport) => {
      const userId = transport === 'polling' ? 11 : 12;
      const client = await connect(gateway.url, gateway.tokens.of('customer', userId), {
        ...RECONNECT,
        transports: [transport],
      });
      await notify(gateway, userId, 0, 10);
      await client.waitFor('user_notification', 10);
      dropAll(gateway);
      await notify(gateway, userId, 10, 30);
      await client.waitFor('user_notification', 30);
      await notify(gateway, userId, 30, 40);
      await client.waitFor('user_notification', 40);
      expect(numbers(client)).toEqual(upTo(40));
      expect(client.socket.recovered).toBe(true);
      expect(client.of('resync_required')).toEqual([]);
    },
  );

  it('can resume when it has received nothing but its confirmation', async () => {
    const client = await connect(gateway.url, gateway.tokens.of('customer', 13), RECONNECT);
    client.socket.io.engine.close();
    await notify(gateway, 13, 0, 5);
    await client.waitFor('user_notification', 5);
    expect(numbers(client)).toEqual(upTo(5));
  });

  it('keeps every one of the subscriptions that it asked for at once', async () => {
    const token = gateway.tokens.of('admin', 3);
    const admin = await connect(gateway.url, token, RECONNECT);
    admin.socket.emit('subscribe_to_orders');
    admin.socket.emit('subscribe_to_inventory');
    await admin.waitFor('subscription_confirmed', 2);
    dropAll(gateway);
    await admin.waitFor('connected', 2);
    const health = `${gateway.url}/websocket/health`;
    const { body } = await call<{ stats: { rooms: Record<string, number> } }>('GET', health, { token });
    expect(body.stats.rooms).toMatchObject({ order_updates: 1, inventory_updates: 1 });
  });

  it('keeps its subscriptions', async () => {
    const admin = await connect(gateway.url, gateway.tokens.of('admin', 1), RECONNECT);
    await admin.socket.emitWithAck('subscribe_to_orders');
    dropAll(gateway);
    const order = { aliasId: 'ORDER-1', userId: 14, totalAmount: 1, status: 'PENDING' };
    for (const orderId of [1, 2, 3]) {
      await call('POST', `${gateway.url}/websocket/notifications/order-created`, {
        token: gateway.tokens.of('service', 'order'),
        body: { orderId, ...order },
      });
    }
    await admin.waitFor('order_update', 3);
    expect(admin.of<{ data: { orderId: number } }>('order_update').map(({ data }) => data.orderId)).toEqual([1, 2, 3]);
  });
});

describe('a stock client whose gateway was replaced', () => {
  it('gets what it missed meanwhile, and its subscriptions are still there', async () => {
    const first = await runGateway();
    const port = new URL(first.url).port;
    const settings = { PORT: port, DATA_DIR: first.dataDir, JWT_SECRET: first.secret, DRAIN_TIME: '0' };
    const client = await connect(first.url, first.tokens.of('admin', 1), RECONNECT);
    await client.socket.emitWithAck('subscribe_to_inventory');
    await notify(first, 1, 0, 3);
    await client.waitFor('user_notification', 3);
    await first.stop();
    const second = await runGateway(settings);
    await notify(second, 1, 3, 6);
    await call('POST', `${second.url}/websocket/notifications/inventory-alert`, {
      token: second.tokens.of('service', 'inventory'),
      body: { productId: 1, productName: 'P', currentQuantity: 2, threshold: 5, alertType: 'low_stock' },
    });
    await client.waitFor('user_notification', 6);
    await client.waitFor('inventory_update');
    expect(numbers(client)).toEqual(upTo(6));
  });
});

describe('a client that cannot be brought up to date', () => {
  it('is told to reload when it missed more than is replayed, and goes on live', async () => {
    const gateway = await runGateway({ WS_MAX_REPLAY: '10' });
    const client = await connect(gateway.url, gateway.tokens.of('customer', 20), RECONNECT);
    dropAll(gateway);
    await notify(gateway, 20, 0, 11);
    expect(await client.waitFor('resync_required')).toEqual([{ reason: 'too_large' }]);
    expect(numbers(client)).toEqual([]);
    await notify(gateway, 20, 11, 13);
    await client.waitFor('user_notification', 2);
    expect(numbers(client)).toEqual([11, 12]);
  });

  it('is told so when its position is from another life of the journal', async () => {
    const first = await runGateway();
    const client = await connect(first.url, first.tokens.of('customer', 21), RECONNECT);
    await first.stop();
    const second = await runGateway({ PORT: new URL(first.url).port, JWT_SECRET: first.secret });
    expect(await client.waitFor('resync_required')).toEqual([{ reason: 'epoch' }]);
    await notify(second, 21, 0, 2);
    await client.waitFor('user_notification', 2);
  });
});

describe('a token that ended while its client was away', () => {
  it('brings nothing but a refusal that says so', async () => {
    const gateway = await runGateway();
    const client = await connect(gateway.url, gateway.tokens.of('customer', 30, 1), {
      reconnection: true,
      reconnectionDelay: 1_500,
      randomizationFactor: 0,
    });
    const before = client.received.length;
    client.socket.io.engine.close();
    const refusal = new Promise<Error & { data?: unknown }>((resolve) => client.socket.once('connect_error', resolve));
    await notify(gateway, 30, 0, 5);
    expect(await refusal).toMatchObject({ message: 'Invalid or expired token', data: { code: 'token_expired' } });
    expect(client.received.slice(before)).toEqual([]);
  });
});

describe('a token that was revoked', () => {
  it.each(['with the same process', 'after a restart'])('lets its client receive nothing more, %s', async (when) => {
    const first = await runGateway();
    const token = first.tokens.of('customer', 31);
    const client = await connect(first.url, token, {
      reconnection: true,
      reconnectionDelay: 300,
      randomizationFactor: 0,
    });
    const before = client.received.length;
    const refusal = new Promise<Error & { data?: unknown }>((resolve) => client.socket.once('connect_error', resolve));
    const answer = await call('POST', `${first.url}/websocket/users/31/disconnect`, {
      token: first.tokens.of('admin', 1),
      body: { revoke: true },
    });
    expect(answer.status).toBe(204);
    let gateway = first;
    if (when === 'after a restart') {
      await first.stop();
      const settings = { PORT: new URL(first.url).port, DATA_DIR: first.dataDir, JWT_SECRET: first.secret };
      gateway = await runGateway(settings);
    }
    await notify(gateway, 31, 0, 5);
    expect(await refusal).toMatchObject({ data: { code: 'token_invalid' } });
    expect(client.received.slice(before)).toEqual([]);
  });
});
