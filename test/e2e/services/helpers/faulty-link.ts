import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { atEnd } from './teardown.js';

/** A TCP proxy that fails on demand, as networks do. */
export interface FaultyLink {
  /** `127.0.0.1:port`, to be given to a client in the target's place. */
  url: string;
  /** `pass`: all goes through. `drop-replies`: requests arrive, their answers do not. `cut`: connections break. */
  mode: 'pass' | 'drop-replies' | 'cut';
}

export async function faultyLink(target: string): Promise<FaultyLink> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  const link: FaultyLink = { url: '', mode: 'pass' };
  const server = createServer((near) => {
    if (link.mode === 'cut') return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (link.mode === 'cut') near.destroy();
      else far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (link.mode === 'pass') near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  link.url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return link;
}
