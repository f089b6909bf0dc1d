import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { OutboxMetrics } from '@lib/persistence';
import { freePort, until } from '../../../infra/until.js';
import { call } from './http.js';
import type { TestEnvironment } from './environment.js';
import { atEnd } from './teardown.js';

const ROOT = join(import.meta.dirname, '../../../..');

/** The built order service as a process of its own: to be killed, and started again on its port and data. */
export class OrderProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start(environment: TestEnvironment, settings: Record<string, string>): Promise<OrderProcess> {
    const port = await freePort();
    const order = new OrderProcess(port, { ...environment, ...settings, ORDER_PORT: String(port) });
    atEnd(() => order.kill());
    await order.start();
    return order;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    // In its own folder, where no .env is.
    this.child = spawn(process.execPath, [join(ROOT, 'dist/apps/order/src/main.js')], {
      cwd: this.env['DATA_DIR'],
      env: { PATH: process.env['PATH'], ...this.env },
      stdio: 'ignore',
    });
    await until('the order service is healthy', async () => (await this.outbox()) !== undefined);
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** What its health says of its outbox; `undefined` where it does not answer. */
  async outbox(): Promise<OutboxMetrics | undefined> {
    const asked = call<{ outbox: OutboxMetrics }>('GET', `${this.url}/orders/health`);
    const answer = await asked.catch(() => undefined);
    return answer?.status === 200 ? answer.body.outbox : undefined;
  }
}
