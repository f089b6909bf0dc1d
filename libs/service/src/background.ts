import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';

/**
 * Work that no request waits for, but a shutdown does. Work of one key runs one after the other, in the order in
 * which it was given; other keys do not wait for it.
 */
@Injectable()
export class BackgroundWork implements BeforeApplicationShutdown {
  private readonly logger = new Logger(BackgroundWork.name);
  private readonly tails = new Map<string, Promise<void>>();

  /** A rejection is logged, and the key's next work runs. */
  run(key: string, work: () => Promise<unknown>): void {
    const tail = (this.tails.get(key) ?? Promise.resolve()).then(async () => {
      try {
        await work();
      } catch (error) {
        this.logger.error(error);
      }
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
    this.tails.set(key, tail);
  }

  async beforeApplicationShutdown(): Promise<void> {
    while (this.tails.size > 0) await Promise.all(this.tails.values());
  }
}
