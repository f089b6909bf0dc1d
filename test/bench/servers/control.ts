/** What the bench asks of a server under test, over the IPC channel of its process. */
export type Command =
  /** CPU microseconds used so far, by all threads. */
  | { do: 'cpu' }
  /** Resident bytes, after a collection. */
  | { do: 'memory' }
  /** `turns` turns of the event loop with `events` events each, to every socket in the room. */
  | { do: 'publish'; turns: number; events: number }
  /** Events for user 1, one in `every`, among others for users that are not there. */
  | { do: 'fill'; count: number; every: number };

export type Handlers = Pick<{ publish: Publish; fill: Fill }, 'publish'> & { fill?: Fill };
type Publish = (turns: number, events: number) => Promise<void>;
type Fill = (count: number, every: number) => Promise<void>;

/** Tells the bench where the server listens, and serves its commands until the channel closes. */
export function serveCommands(url: string, handlers: Handlers): void {
  process.on('message', (message: { id: number; command: Command }) => {
    void run(message.command, handlers).then((result) => process.send?.({ id: message.id, result }));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url });
}

async function run(command: Command, handlers: Handlers): Promise<number> {
  switch (command.do) {
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    case 'memory':
      for (let round = 0; round < 3; round++) {
        globalThis.gc?.();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return process.memoryUsage.rss();
    case 'publish':
      await handlers.publish(command.turns, command.events);
      return 0;
    case 'fill':
      await handlers.fill?.(command.count, command.every);
      return 0;
  }
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The same order on every server: some 250 bytes as it goes over the wire. */
export const order = (number: number) => ({
  orderId: number,
  aliasId: `ORDER-${number}`,
  userId: 7,
  newStatus: 'SHIPPED',
  previousStatus: 'PROCESSING',
  message: String(Date.now()),
});
