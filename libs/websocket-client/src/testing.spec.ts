import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RecordingWebSocketClient } from '@lib/websocket-client/testing';
import { WebSocketClientService } from '@lib/websocket-client';

/** A service of a user of this library. */
@Injectable()
class Shop {
  constructor(private readonly gateway: WebSocketClientService) {}

  sell(quantity: number): Promise<boolean> {
    const lamp = { productId: 1, productName: 'Lamp', threshold: 5, previousQuantity: 9 };
    return this.gateway.triggerInventoryNotifications({ ...lamp, currentQuantity: quantity });
  }
}

describe('RecordingWebSocketClient', () => {
  it('stands in for the service, and keeps what it was told', async () => {
    const client = new RecordingWebSocketClient();
    const providers = [Shop, { provide: WebSocketClientService, useValue: client }];
    const shop = (await Test.createTestingModule({ providers }).compile()).get(Shop);
    expect([await shop.sell(8), await shop.sell(5)]).toEqual([true, true]);
    expect(client.of('triggerInventoryNotifications').map((change) => change.currentQuantity)).toEqual([8, 5]);
    expect(client.calls.map(({ method }) => method)).toEqual([
      'triggerInventoryNotifications',
      'triggerInventoryNotifications',
    ]);
    client.failWith('unavailable');
    expect(await shop.sell(0)).toBe(false);
    client.failWith();
    expect(await shop.sell(0)).toBe(true);
  });

  it('answers as the service does: results, who is online, events', async () => {
    const client = new RecordingWebSocketClient();
    const user = { userId: 1, title: 'T', message: 'm' };
    expect(await client.results.notifyUser(user)).toMatchObject({ ok: true, duplicate: false });
    client.failWith('forbidden');
    expect(await client.results.notifyUser(user)).toMatchObject({ ok: false, code: 'forbidden', retryable: false });
    client.failWith();
    client.online.add(7);
    expect([await client.isUserOnline(7), await client.isUserOnline(8), await client.getOnlineUsers()]).toEqual([
      true,
      false,
      [7],
    ]);
    expect(client.enqueue({ type: 'user.activity', data: { userId: 1, action: 'login' } })).toBe(true);
    expect(client.events.map(({ type }) => type)).toEqual(['user.activity']);
  });
});
