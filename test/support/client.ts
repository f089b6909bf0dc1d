import { setTimeout as sleep } from 'node:timers/promises';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { atEnd } from '../e2e/services/helpers/teardown.js';

export interface Received {
  event: string;
  args: unknown[];
}

/** A stock socket.io-client that keeps what it receives. */
export class TestClient {
  readonly received: Received[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(readonly socket: Socket) {
    socket.onAny((event: string, ...args: unknown[]) => {
      this.received.push({ event, args });
      for (const check of this.waiting) check();
    });
    atEnd(() => Promise.resolve(void socket.disconnect()));
  }

  /** First arguments of the events of this name, in the order of their arrival. */
  of<T = Record<string, unknown>>(event: string): T[] {
    return this.received.filter((one) => one.event === event).map(({ args }) => args[0] as T);
  }

  /** Resolves when `count` events of this name have come; fails after `within` milliseconds with what came instead. */
  async waitFor<T = Record<string, unknown>>(event: string, count = 1, within = 5_000): Promise<T[]> {
    await this.until(() => this.of(event).length >= count, `${count} × ${event}`, within);
    return this.of<T>(event);
  }

  /** Sends, and resolves with the acknowledgement; fails where none comes. */
  ask<T = Record<string, unknown>>(event: string, ...args: unknown[]): Promise<T> {
    return this.socket.timeout(5_000).emitWithAck(event, ...args) as Promise<T>;
  }

  /** Everything that came, as one text: to search it for what must not be there. */
  transcript(): string {
    return JSON.stringify(this.received);
  }

  /** Resolves when the connection has ended, with the reason. */
  ended(within = 10_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`still connected after ${within} ms`)), within);
      this.socket.once('disconnect', (reason) => {
        clearTimeout(timer);
        resolve(reason);
      });
    });
  }

  /** Resolves when `condition` holds, asked at each arrival; fails after `within` milliseconds with what came instead. */
  until(condition: () => boolean, what: string, within: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(check);
      };
      const check = (): void => {
        if (!condition()) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`no ${what} within ${within} ms; came: ${JSON.stringify(this.received)}`));
      }, within);
      this.waiting.add(check);
    });
  }
}

type Options = Partial<ManagerOptions & SocketOptions>;

const gateways = new Set<string>();

/**
 * Waits, behind the end of the last client, until the gateway has seen them all go. One that stops while a polling
 * client is between two requests keeps a timer of the engine for 30 s, and the test run with it.
 */
async function nobodyLeft(url: string): Promise<void> {
  for (let asked = 0; asked < 40; asked++) {
    const answer = await fetch(`${url}/websocket/health`).catch(() => undefined);
    if (!answer) return;
    const { stats } = (await answer.json()) as { stats?: { connectedClients: number } };
    if (!stats?.connectedClients) return;
    await sleep(25);
  }
}

/** Opens a client without waiting; it does not reconnect unless asked to. */
export function open(url: string, options: Options = {}, namespace = '/events'): TestClient {
  const origin = url.replace(/^ws/, 'http');
  if (!gateways.has(origin)) {
    gateways.add(origin);
    atEnd(() => nobodyLeft(origin));
  }
  return new TestClient(io(url + namespace, { forceNew: true, reconnection: false, ...options }));
}

/** Connects with a token; resolves when `connected` has come. */
export async function connect(url: string, token: string, options: Options = {}): Promise<TestClient> {
  const client = open(url, { auth: { token }, ...options });
  await client.waitFor('connected');
  return client;
}

/** The refusal of a connection that must not succeed. */
export function refusedConnection(url: string, options: Options): Promise<Error & { data?: { code: string } }> {
  const { socket } = open(url, options);
  return new Promise((resolve, reject) => {
    socket.once('connect_error', resolve);
    socket.once('connect', () => reject(new Error('was let in')));
  });
}
