import type { Bus, BusMessage } from './bus.js';

/** The bus of a single node. */
export class MemoryBus implements Bus {
  private readonly listeners: ((message: BusMessage) => void)[] = [];

  publish(message: BusMessage): Promise<boolean> {
    for (const listener of this.listeners) listener(message);
    return Promise.resolve(true);
  }

  subscribe(listener: (message: BusMessage) => void): void {
    this.listeners.push(listener);
  }

  /** Never: there is no other node. */
  onRejoined(): void {}

  close(): Promise<void> {
    this.listeners.length = 0;
    return Promise.resolve();
  }
}
