import { describe, expect, it } from '@jest/globals';
import { connect } from '../../support/client.js';
import { runGateway } from '../../support/gateway.js';
import { accepted, allDelivered } from '../../support/notify.js';

const RECONNECT = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0 };

describe('a client that subscribed and then came back', () => {
  it('does not get what came before it subscribed', async () => {
    const gateway = await runGateway();
    const alert = (productId: number) =>
      accepted(gateway, '/websocket/notifications/inventory-alert', {
        productId,
        productName: 'Lamp',
        currentQuantity: 2,
        threshold: 5,
        alertType: 'low_stock',
      });
    const client = await connect(gateway.url, gateway.tokens.of('admin', 10), RECONNECT);
    const witness = await connect(gateway.url, gateway.tokens.of('customer', 11));
    await alert(1);
    // For the witness alone, so that the client does not move on by it.
    await accepted(gateway, '/websocket/broadcast', { type: 'user', userId: 11, title: 'now', message: 'm' });
    await witness.waitFor('user_notification');
    await client.ask('subscribe_to_inventory');
    await client.waitFor('subscription_confirmed');
    client.socket.io.engine.close();
    await client.waitFor('connected', 2);
    await alert(2);
    await allDelivered(gateway, client);
    const alerts = client.of<{ data: { productId: number } }>('inventory_update');
    expect(alerts.map(({ data }) => data.productId)).toEqual([2]);
    expect(client.socket.recovered).toBe(true);
  });
});
