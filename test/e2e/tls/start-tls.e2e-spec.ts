import { request } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { selfSigned, type CertificateFiles } from '../../support/certificate.js';
import { command, untilSaid, type Command } from '../scripts/command.js';
import { running, SLOW, start } from '../scripts/system.js';

const settings = ({ cert, key }: CertificateFiles): Record<string, string> => ({
  SSL_ENABLED: 'true',
  SSL_CERT_PATH: cert,
  SSL_KEY_PATH: key,
});

function placeOrder(origin: string, ca: string, token: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((done, failed) => {
    const options = { method: 'POST', ca, headers };
    const outgoing = request(`${origin}/order/orders`, options, (response) => done(response.resume().statusCode));
    outgoing.on('error', failed);
    outgoing.end(JSON.stringify({ addressId: 1, items: [{ productId: 1, quantity: 1, price: 19.9 }] }));
  });
}

describe('npm start with a self-signed certificate', () => {
  it(
    'comes up, its services reach the gateway, and npm run listen trusts it',
    async () => {
      const files = await selfSigned();
      // A company's own authority, which must not get in the way.
      const company = await selfSigned('proxy.example');
      const system = await running({ ...settings(files), NODE_EXTRA_CA_CERTS: company.cert });
      const { origin } = new URL(system.health('gateway'));
      expect(origin).toMatch(/^https:\/\/localhost:/);
      expect(system.health('order')).toMatch(/^http:/);
      expect(system.stdout()).toContain(`curl --cacert ${files.cert} -X POST ${origin}`);

      // One is told of the certificate as the gateway is, the other as any Node program is.
      const listeners = [settings(files), { NODE_EXTRA_CA_CERTS: files.cert }].map((env) =>
        command('listen.mjs', ['--as', 'customer', '--url', origin], env),
      );
      for (const listener of listeners) await untilSaid(listener, 'inventory_updates');
      const token = command('token.mjs', ['--sub', '7', '--role', 'customer']);
      expect(await token.ended).toBe(0);
      expect(await placeOrder(origin, files.ca, token.stdout().trim())).toBe(201);
      for (const listener of listeners) await untilSaid(listener, /order_update .*Order created successfully/);

      const check = (certificate: CertificateFiles): Command =>
        command('../dist/scripts/healthcheck/main.js', [], {
          ...settings(certificate),
          APP: 'api-gateway',
          PORT: new URL(origin).port,
        });
      expect(await check(files).ended).toBe(0);
      expect(await check(await selfSigned()).ended).toBe(1);

      const untrusting = command('listen.mjs', ['--as', 'customer', '--url', origin]);
      expect(await untrusting.ended).toBe(1);
      expect(untrusting.stderr()).toContain('its certificate is not trusted here');
    },
    SLOW,
  );

  it('refuses one that the services could not accept', async () => {
    const system = await start(settings(await selfSigned('shop.example')));
    expect(await system.ended).toBe(78);
    expect(system.stdout()).toContain('SSL_CERT_PATH: must be a certificate for localhost');
  });

  it('names a missing file before it starts anything', async () => {
    const files = await selfSigned();
    const system = await start({ ...settings(files), SSL_CERT_PATH: `${files.folder}/nowhere.pem` });
    expect(await system.ended).toBe(78);
    expect(system.stdout()).toContain('SSL_CERT_PATH: must be a file that can be read: there is no such file');
    expect(system.stdout()).not.toContain('Starting');
  });
});
