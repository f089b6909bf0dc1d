import { describe, expect, it } from '@jest/globals';
import { until } from '../../infra/until.js';
import { command } from './command.js';
import { running, SLOW } from './system.js';

describe('npm run listen', () => {
  it(
    "shows a newcomer the customer's order as it is placed",
    async () => {
      const system = await running();
      const { origin } = new URL(system.health('gateway'));
      const listener = command('listen.mjs', ['--as', 'customer', '--url', origin]);
      await until('it has subscribed', () => listener.stdout().includes('inventory_updates'));

      const token = command('token.mjs', ['--sub', '7', '--role', 'customer']);
      expect(await token.ended).toBe(0);
      const response = await fetch(`${origin}/order/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token.stdout().trim()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ addressId: 1, items: [{ productId: 1, quantity: 1, price: 19.9 }] }),
      });
      expect(response.status).toBe(201);

      await until('the order is shown', () => /order_update .*Order created successfully/.test(listener.stdout()));
      await until('its notification is shown', () => /user_notification .*ORDER-/.test(listener.stdout()));
      listener.process.kill('SIGINT');
      expect(await listener.ended).toBe(0);
      expect(listener.stderr()).toBe('');
    },
    SLOW,
  );

  it('says in one line that no gateway answers', async () => {
    const listener = command('listen.mjs', ['--as', 'admin', '--url', 'http://127.0.0.1:9']);
    expect(await listener.ended).toBe(1);
    expect(listener.stderr()).toBe('http://127.0.0.1:9 does not answer: is the gateway running (npm start)?\n');
  });

  it.each([
    [['--as', 'nobody'], '--as'],
    [['--url', 'nonsense'], '--url'],
    [['--loud'], '--loud'],
  ])('refuses %j in one line, with exit code 2', async (args, named) => {
    const listener = command('listen.mjs', args);
    expect(await listener.ended).toBe(2);
    expect(listener.stderr().trim().split('\n')).toHaveLength(1);
    expect(listener.stderr()).toContain(named);
  });
});
