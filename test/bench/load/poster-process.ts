import { Agent, request } from 'node:http';

/** Posts over kept-alive connections. */
export interface PostCommand {
  url: string;
  token: string;
  /** Bodies are made from these fields, with a running `orderId` and the time in `message`. */
  kind: 'single' | 'batch';
  /** Events in all, and in one request. */
  events: number;
  perRequest: number;
  /** Users 1 to this are addressed in turn. */
  users: number;
  /** Requests under way at a time. */
  concurrency: number;
  /** Requests per second; left out, as fast as they are answered. */
  rate?: number;
}

let number = 0;

function body({ kind, perRequest, users }: PostCommand): string {
  const data = () => ({
    orderId: ++number,
    aliasId: `ORDER-${number}`,
    userId: 1 + (number % users),
    newStatus: 'SHIPPED',
    previousStatus: 'PROCESSING',
    message: String(Date.now()),
  });
  return JSON.stringify(
    kind === 'single'
      ? data()
      : Array.from({ length: perRequest }, () => ({ type: 'order.status_changed', data: data() })),
  );
}

function post(agent: Agent, command: PostCommand): Promise<void> {
  const text = body(command);
  return new Promise((resolve, reject) => {
    const call = request(
      command.url,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${command.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 202) resolve();
          else reject(new Error(`answered ${response.statusCode}`));
        });
      },
    );
    call.on('error', reject);
    call.end(text);
  });
}

async function run(command: PostCommand): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: command.concurrency });
  const requests = command.events / command.perRequest;
  const began = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const due = command.rate === undefined ? 0 : began + (index * 1000) / command.rate - performance.now();
      if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
      await post(agent, command);
    }
  };
  await Promise.all(Array.from({ length: command.concurrency }, worker));
  agent.destroy();
}

process.on('message', ({ id, command }: { id: number; command: PostCommand }) => {
  run(command).then(
    () => process.send?.({ id, result: 0 }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
