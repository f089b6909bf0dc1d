type Facts = Record<string, unknown>;

/** One line for one event: what it says, in words where it is known, and its JSON. */
export function describe(event: string, args: readonly unknown[]): string {
  const [payload] = args;
  const words = isFacts(payload) ? inWords(event, payload) : '';
  const json = payload === undefined ? '' : JSON.stringify(payload);
  return [event.padEnd(22), words, json].filter(Boolean).join('  ');
}

function inWords(event: string, payload: Facts): string {
  const data = isFacts(payload['data']) ? payload['data'] : {};
  switch (event) {
    case 'connected':
      return `you are user ${text(payload['userId'])}`;
    case 'subscription_confirmed':
      return `${text(payload['type'])}${payload['scope'] === undefined ? '' : ` (${text(payload['scope'])})`}`;
    case 'order_update':
      return `${text(data['aliasId'])} ${text(data['status'])}: ${text(data['message'])}`;
    case 'inventory_update':
      return `product ${text(data['productId'])} ${text(data['status'])}, ${text(data['quantity'])} left`;
    case 'user_notification':
    case 'system_notification':
      return `${text(data['title'])}: ${text(data['message'])}`;
    case 'error':
      return `${text(payload['code'])}: ${text(payload['message'])}`;
    default:
      return '';
  }
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
