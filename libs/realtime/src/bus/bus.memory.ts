import type { Bus, BusMessage } from './bus.js';

/** The bus of a single node. */
export class MemoryBus implements Bus {
  private readonly listeners: ((message: BusMessage) => void)[] = [];

  publish(message: BusMessage): void {
    for (const listener of this.listeners) listener(message);
  }

  subscribe(listener: (message: BusMessage) => void): void {
    this.listeners.push(listener);
  }

  close(): Promise<void> {
    this.listeners.length = 0;
    return Promise.resolve();
  }
}
