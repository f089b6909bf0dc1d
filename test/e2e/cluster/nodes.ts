import { randomBytes } from 'node:crypto';
import { Dispatcher } from '@lib/realtime';
import { startRedis } from '../../infra/redis.js';
import type { Server } from '../../infra/server.js';
import type { TestClient } from '../../support/client.js';
import { runGateway, type RunningGateway } from '../../support/gateway.js';
import { place, redisUrl } from '../redis/site.js';
import { call, type Answer } from '../services/helpers/http.js';
import { atEnd } from '../services/helpers/teardown.js';
import type { Tokens } from '../services/helpers/tokens.js';

export interface Nodes {
  a: RunningGateway;
  b: RunningGateway;
  /** Good for both. */
  tokens: Tokens;
}

/** What two gateways have in common: a Redis, keys of their own there, and the secret. */
export function shared(url = redisUrl()): { REDIS_URL: string; REDIS_PREFIX: string; JWT_SECRET: string } {
  const at = place(url);
  atEnd(at.dispose);
  return { REDIS_URL: url, REDIS_PREFIX: at.prefix, JWT_SECRET: randomBytes(24).toString('hex') };
}

/** Two gateways in this process, on one Redis; `onlyA` are settings of the first. */
export async function twoNodes(settings = shared(), onlyA: Record<string, string> = {}): Promise<Nodes> {
  const [a, b] = await Promise.all([runGateway({ ...settings, ...onlyA }), runGateway(settings)]);
  return { a, b, tokens: a.tokens };
}

/** A Redis of this test alone, to be frozen and killed. */
export async function ownRedis(): Promise<Server & { url: string }> {
  const server = await startRedis();
  atEnd(() => server.stop());
  return { ...server, url: server.env['REDIS_URL'] ?? '' };
}

/** Breaks every connection of the gateway as a network does: without a word. */
export function dropAll({ app }: RunningGateway): void {
  for (const channel of app.get(Dispatcher).all) for (const { socket } of channel.all) socket.conn.close();
}

/** Lets a stock client go to another node at its next connection, as a balancer would. */
export function lead({ socket }: TestClient, to: RunningGateway): void {
  Object.assign(socket.io, { uri: `${to.url}/events` });
}

/** Asks as an operator. */
export function ask<T>({ url, tokens }: Pick<RunningGateway, 'url' | 'tokens'>, path: string): Promise<Answer<T>> {
  return call<T>('GET', url + path, { token: tokens.of('admin', 'operator') });
}

/** Posts notices with the numbers from `from` up to `to` for a user, one request each; all must be accepted. */
export async function notify(
  { url, tokens }: Pick<RunningGateway, 'url' | 'tokens'>,
  userId: number,
  from: number,
  to: number,
): Promise<void> {
  for (let n = from; n < to; n++) {
    const body = { type: 'user.notified', data: { userId, kind: 'n', title: 't', message: String(n) } };
    const answer = await call('POST', `${url}/events`, { token: tokens.of('service', 'test'), body });
    if (answer.status !== 202) throw new Error(`notice ${n} was answered ${answer.status}`);
  }
}

/** The numbers that a client has had, in the order of their arrival. */
export const numbers = (client: TestClient): number[] =>
  client.of<{ data: { message: string } }>('user_notification').map(({ data }) => Number(data.message));

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
