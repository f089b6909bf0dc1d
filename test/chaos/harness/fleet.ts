import { randomUUID } from 'node:crypto';
import { until } from '../../infra/until.js';
import { call } from '../../e2e/services/helpers/http.js';
import type { Tokens } from '../../e2e/services/helpers/tokens.js';
import { open, type TestClient } from '../../support/client.js';
import { differences, type Ledger } from './ledger.js';
import { messageOf } from './numbered.js';

/** Stock settings but for the delays, which would only make the tests longer. */
export const RECONNECT = {
  reconnection: true,
  reconnectionDelay: 50,
  reconnectionDelayMax: 250,
} as const;

/** `upgrade` is what a stock client does by itself: polling first, then WebSocket. */
export const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
} as const;
export type TransportName = keyof typeof TRANSPORTS;

export interface Member {
  name: string;
  /** Whose events it gets; a watcher gets every order instead. */
  userId: number;
  watcher: boolean;
  client: TestClient;
}

export interface FleetOptions {
  url: string;
  tokens: Tokens;
  /** One customer's client each. */
  userIds: readonly number[];
  /** Admins that subscribe to every order: once, in the beginning. */
  watchers: number;
  /** Milliseconds after which a client gives up an attempt to connect, and makes another. Default 5 s. */
  timeout?: number;
}

const FIRST_WATCHER = 900_000;

/** Stock clients over all transports, and what each of them must have received. */
export class Fleet {
  private constructor(
    readonly members: readonly Member[],
    private readonly tokens: Tokens,
  ) {}

  /** Resolves when everyone is connected, and the watchers have subscribed. */
  static async connect({ url, tokens, userIds, watchers, timeout = 5_000 }: FleetOptions): Promise<Fleet> {
    const names = Object.keys(TRANSPORTS) as TransportName[];
    const member = (userId: number, watcher: boolean, index: number): Member => {
      const transport = names[index % names.length] ?? 'upgrade';
      const name = `${watcher ? 'watcher' : 'user'} ${userId} over ${transport}`;
      const auth = { token: tokens.of(watcher ? 'admin' : 'customer', userId) };
      // The name of the client in every request, polling too, for a balancer to keep it to one node.
      const query = { client: String(userId) };
      const client = open(url, { auth, query, transports: [...TRANSPORTS[transport]], ...RECONNECT, timeout });
      return { name, userId, watcher, client };
    };
    const members = [
      ...userIds.map((userId, index) => member(userId, false, index)),
      ...Array.from({ length: watchers }, (_, index) => member(FIRST_WATCHER + index, true, index)),
    ];
    await Promise.all(members.map(({ client }) => client.waitFor('connected', 1, 20_000)));
    for (const { client } of members.filter(({ watcher }) => watcher)) await client.ask('subscribe_to_orders');
    return new Fleet(members, tokens);
  }

  /**
   * Resolves when everyone has had as many messages as the ledger holds for them, and then one more that was sent
   * behind them: what comes twice has come by then. Returns every difference.
   */
  async problems(url: string, ledger: Ledger): Promise<string[]> {
    const found = (): string[] =>
      this.members.flatMap(({ name, userId, watcher, client }) => {
        const wanted = watcher ? ledger.orders() : ledger.of(userId);
        return [...differences(name, received(client), wanted), ...this.disorder(name, client), ...gaps(name, client)];
      });
    const short = (): boolean =>
      this.members.some(({ userId, watcher, client }) => {
        const wanted = watcher ? ledger.orders() : ledger.of(userId);
        return received(client).length < wanted.length;
      });
    try {
      await until('everything has come', () => !short());
    } catch {
      return found();
    }
    await this.barrier(url);
    return [...ledger.problems(), ...found()];
  }

  /** Whether everyone is connected now. */
  connected(): boolean {
    return this.members.every(({ client }) => client.socket.connected);
  }

  /** Everyone's reconnects so far. */
  reconnects(): number {
    return this.members.reduce((sum, { client }) => sum + client.of('connected').length - 1, 0);
  }

  close(): void {
    for (const { client } of this.members) client.socket.disconnect();
  }

  /** Positions only ever grow, whatever was replayed in between. */
  private disorder(name: string, client: TestClient): string[] {
    let last: [number, number] = [0, -1];
    return client.received.flatMap(({ event, args }) => {
      if (messageOf({ event, args }) === undefined) return [];
      const [, seq, part] = /-(\d+)\.(\d+)$/.exec(String(args.at(-1))) ?? [];
      const place: [number, number] = [Number(seq), Number(part)];
      const grows = place[0] > last[0] || (place[0] === last[0] && place[1] > last[1]);
      const problem = grows ? [] : [`${name}: ${String(args.at(-1))} came after ${last.join('.')}`];
      last = place;
      return problem;
    });
  }

  private async barrier(url: string): Promise<void> {
    const title = `barrier ${randomUUID()}`;
    const answer = await call('POST', `${url}/websocket/broadcast`, {
      token: this.tokens.of('service', 'publisher'),
      body: { type: 'system', title, message: 'the end' },
    });
    if (answer.status !== 202) throw new Error(`the barrier was answered ${answer.status}`);
    const came = (client: TestClient): boolean =>
      client.of<{ data: { title: string } }>('system_notification').some(({ data }) => data.title === title);
    await until('the barrier has come', () => this.members.every(({ client }) => came(client)));
  }
}

/** The messages of streams that a client has had, in the order of their arrival. */
export function received(client: TestClient): string[] {
  return client.received.map(messageOf).filter((message) => message !== undefined);
}

/** Nobody may have been told to reload: these tests lose nothing that the journal has not. */
function gaps(name: string, client: TestClient): string[] {
  return client.of<{ reason: string }>('resync_required').map(({ reason }) => `${name}: told to reload (${reason})`);
}
