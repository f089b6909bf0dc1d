import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { atEnd } from './helpers/teardown.js';

/** A TCP line to a server, which can be made to lose the server's answers: the requests arrive all the same. */
export interface Line {
  url: string;
  /** While true, a connection ends where its answer should come. */
  losesAnswers: boolean;
  /** Answers lost so far. */
  lost: number;
}

export async function startLine(serverUrl: string): Promise<Line> {
  const { hostname, port } = new URL(serverUrl);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      // A line that was cut is what the test is about; its sockets have no more to say.
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    near.on('data', (bytes) => far.write(bytes)).on('close', () => far.end());
    far.on('close', () => near.end());
    far.on('data', (bytes) => {
      if (!line.losesAnswers) return near.write(bytes);
      line.lost += 1;
      return near.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const line: Line = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    losesAnswers: false,
    lost: 0,
  };
  atEnd(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return line;
}
