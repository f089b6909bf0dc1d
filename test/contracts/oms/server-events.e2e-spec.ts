import { describe, expect, it, beforeAll } from '@jest/globals';
import { call } from '../../e2e/services/helpers/http.js';
import { connect } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';

describe('OMS contract: server to client', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });

  it('brings a created order to its owner and to the subscribers of all orders, and to nobody else', async () => {
    const { url, tokens } = gateway;
    const owner = await connect(url, tokens.of('customer', 789));
    const other = await connect(url, tokens.of('customer', 790));
    const admin = await connect(url, tokens.of('admin', 1), { transports: ['polling'] });
    admin.socket.emit('subscribe_to_orders');
    await admin.waitFor('subscription_confirmed');

    const answer = await call('POST', `${url}/websocket/notifications/order-created`, {
      token: tokens.of('service', 'order'),
      body: { orderId: 456, aliasId: 'ORDER-456', userId: 789, totalAmount: 99.5, status: 'PENDING' },
    });
    expect(answer).toMatchObject({ status: 202, body: { success: true, duplicate: false } });

    const [update] = await owner.waitFor('order_update');
    expect(update).toEqual({
      id: expect.any(String),
      type: 'order_status',
      userId: 789,
      timestamp: expect.any(String),
      data: {
        orderId: 456,
        aliasId: 'ORDER-456',
        status: 'PENDING',
        userId: 789,
        timestamp: expect.any(String),
        message: 'Order created successfully',
      },
    });
    await owner.waitFor('user_notification');
    expect(await admin.waitFor('order_update')).toEqual([update]);
    expect(other.of('order_update')).toEqual([]);
  });
});
