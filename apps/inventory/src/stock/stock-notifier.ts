import { Injectable } from '@nestjs/common';
import { BackgroundWork } from '@lib/service';
import { WebSocketClientService } from '@lib/websocket-client';
import type { StockChange } from './stock-change.js';

/**
 * Tells the gateway of stock that has changed. Call it after the commit: a rolled back change must not be told.
 * The caller does not wait, so a gateway that is away or slow delays nobody; changes of one product are told in
 * the order in which they were given.
 */
@Injectable()
export class StockNotifier {
  constructor(
    private readonly gateway: WebSocketClientService,
    private readonly background: BackgroundWork,
  ) {}

  tell(changes: readonly StockChange[]): void {
    for (const change of changes) {
      if (change.currentQuantity === change.previousQuantity) continue;
      this.background.run(`product:${change.productId}`, () => this.gateway.triggerInventoryNotifications(change));
    }
  }
}
