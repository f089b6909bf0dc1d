import { connect, type Socket } from 'node:net';

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

/** One connection that posts, one request after another: HTTP/1.1 by hand, for a client must not be what is measured. */
class Poster {
  private readonly socket: Socket;
  private readonly head: string;
  private answer = '';
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(private readonly command: PostCommand) {
    const { hostname, port, host, pathname } = new URL(command.url);
    this.head =
      `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${command.token}\r\n` +
      'Content-Type: application/json\r\nContent-Length: ';
    this.socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    this.socket.setNoDelay(true);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text) => this.onData(String(text)));
    this.socket.on('error', (error) => this.settle?.reject(error));
  }

  post(): Promise<void> {
    const text = body(this.command);
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.socket.write(`${this.head}${Buffer.byteLength(text)}\r\n\r\n${text}`);
    });
  }

  end(): void {
    this.socket.destroy();
  }

  private onData(text: string): void {
    this.answer += text;
    const end = this.answer.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(this.answer)?.[1];
    if (end < 0 || this.answer.length < end + 4 + Number(length ?? 0)) return;
    const status = this.answer.slice(9, 12);
    this.answer = '';
    if (status === '202') this.settle?.resolve();
    else this.settle?.reject(new Error(`answered ${status}`));
  }
}

async function run(command: PostCommand): Promise<void> {
  const requests = command.events / command.perRequest;
  const began = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    const poster = new Poster(command);
    for (let index = next++; index < requests; index = next++) {
      const due = command.rate === undefined ? 0 : began + (index * 1000) / command.rate - performance.now();
      if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
      await poster.post();
    }
    poster.end();
  };
  await Promise.all(Array.from({ length: command.concurrency }, worker));
}

process.on('message', ({ id, command }: { id: number; command: PostCommand }) => {
  run(command).then(
    () => process.send?.({ id, result: 0 }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
