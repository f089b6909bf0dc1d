import { spawnSync } from 'node:child_process';
import type { Runner } from './server.js';

const ENGINES = ['docker', 'podman'] as const;
const ASK_MS = 5_000;

/** What else than installing a server would do. */
export const OR_DOCKER = 'start Docker, or ';

/** A container engine whose daemon answers. `OMS_TEST_SERVERS=local` keeps tests away from it. */
export function containerEngine(): string | undefined {
  if (process.env['OMS_TEST_SERVERS'] === 'local') return undefined;
  return ENGINES.find((engine) => spawnSync(engine, ['info'], { stdio: 'ignore', timeout: ASK_MS }).status === 0);
}

export interface ContainerOptions {
  engine: string;
  image: string;
  /** On loopback, the same number for its whole life. */
  port: number;
  innerPort: number;
  env?: Record<string, string>;
  args?: readonly string[];
}

/** A server in a container. Its data lives in the container, so it outlives {@link end} and goes with {@link remove}. */
export class Container implements Runner {
  private id: string | undefined;

  constructor(private readonly options: ContainerOptions) {}

  async start(): Promise<void> {
    if (this.id !== undefined) {
      this.engine('start', this.id);
      return;
    }
    const { image, port, innerPort, env = {}, args = [] } = this.options;
    const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const publish = ['--publish', `127.0.0.1:${port}:${innerPort}`];
    this.id = this.engine('run', '--detach', ...publish, ...variables, image, ...args);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.id === undefined) return;
    if (!this.is('Running')) return;
    this.thaw();
    this.engine('kill', '--signal', signal, this.id);
    this.engine('wait', this.id);
  }

  freeze(): void {
    if (this.id !== undefined) this.engine('pause', this.id);
  }

  thaw(): void {
    if (this.id !== undefined && this.is('Paused')) this.engine('unpause', this.id);
  }

  async remove(): Promise<void> {
    if (this.id !== undefined) this.engine('rm', '--force', '--volumes', this.id);
    this.id = undefined;
  }

  private is(state: 'Running' | 'Paused'): boolean {
    return this.engine('inspect', '--format', `{{.State.${state}}}`, this.id ?? '') === 'true';
  }

  private engine(...args: readonly string[]): string {
    const { engine } = this.options;
    const { status, stdout, stderr } = spawnSync(engine, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${engine} ${args[0]} failed: ${stderr.trim()}`);
    return stdout.trim();
  }
}
