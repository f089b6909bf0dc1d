import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and Redis, to be a network that fails. */
export interface Proxy extends AsyncDisposable {
  url: string;
  /** Nothing passes any more, in connections old and new, and nobody is told. */
  silence(): void;
  /** Everything passes again, what was held back too. */
  resume(): void;
  /** Ends every connection. */
  cut(): void;
}

export async function proxyTo(url: string): Promise<Proxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      if (silent) socket.pause();
      socket.on('data', (data) => other.write(data));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    if (silent) for (const socket of [near, far]) socket.pause();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const each = (act: (socket: Socket) => void): void => [...sockets].forEach((socket) => act(socket));
  const cut = (): void => each((socket) => socket.destroy());
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence: () => {
      silent = true;
      each((socket) => socket.pause());
    },
    resume: () => {
      silent = false;
      each((socket) => socket.resume());
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
}
