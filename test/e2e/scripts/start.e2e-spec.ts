import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../infra/until.js';
import { temporaryFolder } from './command.js';
import { answers, isAlive, running, SLOW, start } from './system.js';

const SERVICES = ['gateway', 'auth', 'inventory', 'order', 'cart'];
const taken = createServer();
afterEach(() => void taken.close());

describe('npm start', () => {
  it(
    'brings every service up, says where each is and who can log in, and stops all of it on Ctrl-C',
    async () => {
      const system = await running();
      for (const service of SERVICES) expect(await answers(system.health(service))).toBe(true);
      expect(system.stdout()).toMatch(/customer@example\.com +customer-password +customer/);
      expect(system.stdout()).toContain('npm run listen -- --as customer');
      const pids = [...system.processes().values()];
      expect(pids).toHaveLength(SERVICES.length);

      system.process.kill('SIGINT');
      system.process.kill('SIGINT'); // npm hands on what the terminal has sent already
      expect(await system.ended).toBe(0);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(system.stderr()).toBe('');
    },
    SLOW,
  );

  it(
    'says which service has crashed, starts it again, and leaves the others alone',
    async () => {
      const system = await running();
      const before = system.processes();
      process.kill(before.get('order') ?? 0, 'SIGKILL');
      await until('the crash is said', () => system.stdout().includes('order was ended by SIGKILL. Starting it again'));
      await until('order is back', () => answers(system.health('order')));
      const after = system.processes();
      expect(after.get('order')).not.toBe(before.get('order'));
      for (const app of ['api-gateway', 'auth', 'inventory', 'cart']) expect(after.get(app)).toBe(before.get(app));
    },
    SLOW,
  );

  it(
    'leaves no service behind where it is killed itself',
    async () => {
      const system = await running();
      const pids = [...system.processes().values()];
      system.process.kill('SIGKILL');
      await until('the services are gone', () => !pids.some(isAlive));
    },
    SLOW,
  );

  it('names a taken port, the service that needs it and the variable that moves it, and starts nothing', async () => {
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as AddressInfo;
    const system = await start({ ORDER_PORT: String(port) });
    expect(await system.ended).toBe(1);
    expect(system.stderr()).toContain(`Port ${port}, for order, is taken`);
    expect(system.stderr()).toContain('ORDER_PORT=<port>');
    expect(system.stdout()).toBe('');
  });

  it('names two variables that ask for one port', async () => {
    const system = await start({ ORDER_PORT: '45991', CART_PORT: '45991' });
    expect(await system.ended).toBe(1);
    expect(system.stderr()).toContain('ORDER_PORT and CART_PORT are both 45991');
  });

  it('names a variable that is not valid, and not its value', async () => {
    const system = await start({ AUTH_PORT: 'hunter2' });
    expect(await system.ended).toBe(78);
    expect(system.stderr()).toContain('AUTH_PORT: must be a port number');
    expect(system.stderr()).not.toContain('hunter2');
  });

  it(
    'says which service did not start, and stops the rest',
    async () => {
      const file = join(await temporaryFolder(), 'a-file');
      await writeFile(file, '');
      const system = await start({ DATA_DIR: file });
      expect(await system.ended).toBe(1);
      expect(system.stdout()).toMatch(/(gateway|auth|inventory|order|cart) did not start: it ended with exit code 1/);
      expect(system.stdout()).not.toContain('Ctrl-C stops everything');
    },
    SLOW,
  );
});
