import { beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../support/client.js';
import { allDelivered, post, type Accepted } from '../../support/notify.js';
import { dropAll, lead, notify, numbers, twoNodes, upTo, type Nodes } from './nodes.js';

const RECONNECT = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 };
const order = (orderId: string, userId: number): object => ({
  orderId,
  aliasId: orderId,
  userId,
  totalAmount: 1,
  status: 'PENDING',
});

describe('two gateways on one Redis', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await twoNodes();
  });

  it.each(['websocket', 'polling'])(
    'deliver what either of them is told, once and in one order, to %s clients of both',
    async (transport) => {
      const { a, b, tokens } = nodes;
      const userId = transport === 'polling' ? 11 : 12;
      const token = tokens.of('customer', userId);
      const clients = await Promise.all([a, b].map(({ url }) => connect(url, token, { transports: [transport] })));
      await notify(a, userId, 0, 10);
      await notify(b, userId, 10, 20);
      await Promise.all([notify(a, userId, 20, 30), notify(b, userId, 30, 40)]);
      await allDelivered(b, ...clients);
      const [one = [], other = []] = clients.map(numbers);
      expect(one.slice(0, 20)).toEqual(upTo(20));
      expect([...one].sort((x, y) => x - y)).toEqual(upTo(40));
      expect(other).toEqual(one);
    },
  );

  it('let a client go from one to the other: it resumes there, with what it had subscribed to', async () => {
    const { a, b, tokens } = nodes;
    const watcher = await connect(a.url, tokens.of('staff', 21), RECONNECT);
    const customer = await connect(a.url, tokens.of('customer', 22), RECONNECT);
    await watcher.ask('subscribe_to_orders');
    await post(a, '/websocket/notifications/order-created', order('before', 22));
    await Promise.all([watcher, customer].map((client) => client.waitFor('order_update', 1)));

    for (const client of [watcher, customer]) lead(client, b);
    dropAll(a);
    await post(a, '/websocket/notifications/order-created', order('between', 22));
    await Promise.all([watcher, customer].map((client) => client.waitFor('connected', 2)));
    await post(a, '/websocket/notifications/order-created', order('after', 22));
    await allDelivered(a, watcher, customer);
    for (const client of [watcher, customer]) {
      const orders = client.of<{ data: { orderId: string } }>('order_update').map(({ data }) => data.orderId);
      expect(orders).toEqual(['before', 'between', 'after']);
      expect(client.of('resync_required')).toEqual([]);
      expect(client.socket.recovered).toBe(true);
    }
  });

  it('ask again, at the other one, whether a subscription is still allowed', async () => {
    const { a, b, tokens } = nodes;
    const client = await connect(a.url, tokens.of('staff', 23), RECONNECT);
    await client.ask('subscribe_to_orders');
    lead(client, b);
    // Of the same user, who is staff no longer.
    client.socket.auth = { token: tokens.of('customer', 23) };
    dropAll(a);
    await client.waitFor('connected', 2);
    await post(a, '/websocket/notifications/order-created', order('of somebody else', 24));
    await allDelivered(a, client);
    expect(client.of('order_update')).toEqual([]);
  });

  it('keep an event once that is posted to both at once under one key', async () => {
    const { a, b, tokens } = nodes;
    const clients = await Promise.all([a, b].map(({ url }) => connect(url, tokens.of('customer', 31))));
    const rounds = await Promise.all(
      upTo(20).map((n) => {
        const body = { userId: 31, type: 'user', title: 't', message: String(n) };
        const headers = { 'idempotency-key': `both-${n}` };
        return Promise.all([a, b].map((node) => post(node, '/websocket/broadcast', body, { headers })));
      }),
    );
    for (const answers of rounds) {
      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
      const [one, other] = answers.map(({ body }) => body) as [Accepted, Accepted];
      expect(other.position).toBe(one.position);
      expect(other.eventId).toBe(one.eventId);
      expect([one.duplicate, other.duplicate].filter(Boolean)).toHaveLength(1);
    }
    await allDelivered(b, ...clients);
    for (const client of clients) expect(numbers(client).sort((x, y) => x - y)).toEqual(upTo(20));
  });

  it('refuse one of two bodies that are posted to both at once under one key', async () => {
    const { a, b } = nodes;
    const headers = { 'idempotency-key': 'two-bodies' };
    const answers = await Promise.all(
      [a, b].map((node, index) => {
        const body = { userId: 32, type: 'user', title: 't', message: String(index) };
        return post(node, '/websocket/broadcast', body, { headers });
      }),
    );
    expect(answers.map(({ status }) => status).sort((x, y) => x - y)).toEqual([202, 409]);
  });
});
