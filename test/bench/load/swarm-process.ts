import { WebSocket } from 'ws';

/** What the bench asks of its load: many light clients that speak Socket.IO as a stock client does. */
export type SwarmCommand =
  /** Opens clients, a few at a time; resolves when all of them are confirmed. */
  | { do: 'open'; url: string; tokens: string[] }
  /** As `open`, beside those that are open already. */
  | { do: 'more'; url: string; tokens: string[] }
  /** Brings all clients back at once, as stock clients come back. Milliseconds until `count` events have come. */
  | { do: 'return'; url: string; tokens: string[]; count: number }
  /** Subscribes every client to all orders; resolves when all are confirmed. */
  | { do: 'subscribe' }
  /** Resolves when `count` events have come since the last `reset`, over all clients. */
  | { do: 'await'; count: number }
  | { do: 'reset' }
  /** Breaks every connection without a word, remembering pids and positions. */
  | { do: 'drop' }
  /** Latencies in milliseconds of the events since the last reset: p50, p99, max. */
  | { do: 'latency' };

/** Connections that are being opened at a time. */
const OPENING = 64;

interface Client {
  socket?: WebSocket;
  pid?: string;
  offset?: string;
  /** Where it was when it was first dropped: each return begins there. */
  home?: string;
}

let clients: Client[] = [];
let received = 0;
let latencies: number[] = [];
let check = (): void => undefined;

function onEvent(client: Client, index: number, text: string): void {
  received++;
  // The last string of the arguments, if the message ends in one: what a stock client keeps.
  if (text.endsWith('"]')) client.offset = text.slice(text.lastIndexOf(',"') + 2, -2);
  if (index % 10 === 0) {
    const sent = /"message":"(\d{13})"/.exec(text);
    if (sent) latencies.push(Date.now() - Number(sent[1]));
  }
  check();
}

function open(url: string, token: string, index: number): Promise<void> {
  const client = (clients[index] ??= {});
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  client.socket = socket;
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === '2') socket.send('3');
      else if (text.startsWith('0')) {
        const { pid, offset } = client;
        socket.send(`40/events,${JSON.stringify({ ...(pid && { pid, offset }), token })}`);
      } else if (text.startsWith('40/events')) {
        client.pid = (JSON.parse(text.slice(10)) as { pid?: string }).pid ?? '';
        // Socket.IO's own recovery sends no confirmation of ours.
        if (process.env['RECOVERY']) resolve();
      } else if (text.startsWith('42/events,["connected"')) {
        if (text.endsWith('"]')) client.offset = text.slice(text.lastIndexOf(',"') + 2, -2);
        resolve();
      } else if (text.startsWith('42/events,["subscription')) return;
      else if (text.startsWith('42')) onEvent(client, index, text);
      else if (text.startsWith('44')) reject(new Error(text));
    });
  });
}

async function openAll(url: string, tokens: readonly string[], first: number, atOnce: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < tokens.length; index = next++) await open(url, tokens[index] ?? '', first + index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function arrived(count: number): Promise<void> {
  return new Promise((resolve) => {
    check = () => {
      if (received < count) return;
      check = () => undefined;
      resolve();
    };
    check();
  });
}

async function run(command: SwarmCommand): Promise<unknown> {
  switch (command.do) {
    case 'open':
      clients = [];
      await openAll(command.url, command.tokens, 0, OPENING);
      return 0;
    case 'more':
      await openAll(command.url, command.tokens, clients.length, OPENING);
      return 0;
    case 'return': {
      for (const client of clients) if (client.home !== undefined) client.offset = client.home;
      const began = performance.now();
      const opened = openAll(command.url, command.tokens, 0, command.tokens.length);
      await arrived(command.count);
      const took = performance.now() - began;
      await opened;
      return took;
    }
    case 'subscribe':
      await Promise.all(
        clients.map(
          ({ socket }) =>
            new Promise<void>((resolve) => {
              const confirmed = (data: Buffer): void => {
                if (!data.toString().startsWith('42/events,["subscription_confirmed"')) return;
                socket?.off('message', confirmed);
                resolve();
              };
              socket?.on('message', confirmed);
              socket?.send('42/events,["subscribe_to_orders"]');
            }),
        ),
      );
      return 0;
    case 'await':
      await arrived(command.count);
      return received;
    case 'reset':
      received = 0;
      latencies = [];
      return 0;
    case 'drop':
      for (const client of clients) {
        client.socket?.terminate();
        if (client.offset !== undefined) client.home ??= client.offset;
      }
      return 0;
    case 'latency': {
      const sorted = latencies.toSorted((one, other) => one - other);
      const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
      return { p50: at(0.5), p99: at(0.99), max: at(1) };
    }
  }
}

process.on('message', ({ id, command }: { id: number; command: SwarmCommand }) => {
  run(command).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
