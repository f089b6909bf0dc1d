import { randomUUID } from 'node:crypto';
import { call, type Answer, type CallOptions } from '../e2e/services/helpers/http.js';
import type { TestClient } from './client.js';
import type { RunningGateway } from './gateway.js';

/** Any gateway, in this process or not. */
type Gateway = Pick<RunningGateway, 'url' | 'tokens'>;

/** What the notification API answers. */
export interface Accepted {
  success: true;
  eventId: string;
  position: string;
  duplicate: boolean;
}

/** Posts as a service, or as `options` say. */
export function post<T = Accepted>(
  { url, tokens }: Gateway,
  path: string,
  body: unknown,
  options: CallOptions = {},
): Promise<Answer<T>> {
  return call<T>('POST', url + path, { token: tokens.of('service', 'test'), body, ...options });
}

/** Posts, and fails unless it was accepted. */
export async function accepted(
  gateway: Gateway,
  path: string,
  body: unknown,
  options: CallOptions = {},
): Promise<Accepted> {
  const answer = await post(gateway, path, body, options);
  if (answer.status !== 202) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/**
 * Resolves when the clients have received whatever was posted before: an announcement to everyone is sent behind it,
 * and a socket's messages keep their order. What has not come by then does not come.
 */
export async function allDelivered(gateway: Gateway, ...clients: TestClient[]): Promise<void> {
  const title = `barrier ${randomUUID()}`;
  await accepted(gateway, '/websocket/broadcast', { type: 'system', title, message: 'all delivered' });
  const came = (client: TestClient): boolean =>
    client.of<{ data: { title: string } }>('system_notification').some(({ data }) => data.title === title);
  await Promise.all(clients.map((client) => client.until(() => came(client), title, 5_000)));
}

/** The names of what came between `connected` and a barrier, without both. */
export function eventsOf(client: TestClient): string[] {
  return client.received
    .filter(({ args }) => !(args[0] as { data?: { title?: string } }).data?.title?.startsWith('barrier '))
    .map(({ event }) => event)
    .filter((event) => event !== 'connected' && event !== 'subscription_confirmed');
}
