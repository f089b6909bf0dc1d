import { SAMPLE_USERS } from '../../apps/auth/src/sample-users.js';
import type { SystemEnv } from '../services.js';

export interface BannerOptions {
  /** Name and health address of each part that a user may want to reach. */
  rows: readonly [name: string, url: string][];
  /** Where clients go. */
  gateway: string;
  env: SystemEnv;
}

/** What a newcomer needs once everything is up: addresses, who can log in, and a first thing to try. */
export function banner({ rows, gateway, env }: BannerOptions): string {
  const users = SAMPLE_USERS.map(
    ({ id, email, password, roles }) =>
      `  ${email.padEnd(22)} ${password.padEnd(18)} ${roles.join(', ').padEnd(9)} user ${id}`,
  );
  return [
    '',
    'OMS Realtime is running.',
    ...rows.map(([name, url]) => `  ${name.padEnd(10)} ${url}`),
    '',
    'Sample users',
    ...users,
    '',
    ...firstSteps(gateway, env.SSL_ENABLED ? env.SSL_CERT_PATH : undefined),
    '',
  ].join('\n');
}

/** `certificate`: path of the one that the gateway serves with, which other programs have to be told to trust. */
function firstSteps(gateway: string, certificate: string | undefined): string[] {
  const customer = SAMPLE_USERS.find(({ roles }) => roles.includes('customer'));
  const url = gateway === 'http://localhost:3000' ? '' : ` --url ${gateway}`;
  // Three of the twelve that there are: the stock falls under its threshold, which is told as well.
  const order = JSON.stringify({ addressId: 1, items: [{ productId: 1, quantity: 3, price: 89.9 }] });
  return [
    'Try it, in a second terminal: see events as they come',
    `  ${certificate ? `NODE_EXTRA_CA_CERTS=${certificate} ` : ''}npm run listen -- --as customer${url}`,
    'and in a third one place an order',
    `  curl ${certificate ? `--cacert ${certificate} ` : ''}-X POST ${gateway}/order/orders -H 'content-type: application/json' \\`,
    `    -H "authorization: Bearer $(npm run -s token -- --sub ${customer?.id} --role customer)" \\`,
    `    -d '${order}'`,
    '',
    'Ctrl-C stops everything.',
  ];
}
