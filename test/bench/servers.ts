import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { Child, LOAD_CORE, SERVER_CORE } from './child.js';
import type { PostCommand } from './load/poster-process.js';
import type { SwarmCommand } from './load/swarm-process.js';
import type { Command } from './servers/control.js';

const JWT_SECRET = randomBytes(24).toString('hex');
const jwt = new JwtService({ secret: JWT_SECRET });

export const tokenOf = (userId: number, ...roles: string[]): string => jwt.sign({ sub: String(userId), roles });
export const tokens = (count: number, ...roles: string[]): string[] =>
  Array.from({ length: count }, (_, index) => tokenOf(index + 1, ...roles));

export type ServerKind = 'oms-gateway' | 'plain-gateway' | 'bare-ws';

/** A server under test, its load, and the folder of its journal. */
export class Stage implements AsyncDisposable {
  readonly server: Child<Command>;
  readonly swarm: Child<SwarmCommand>;
  readonly poster = new Child<PostCommand>('./load/poster-process.js', LOAD_CORE);

  private constructor(
    readonly kind: ServerKind,
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.swarm = new Child<SwarmCommand>('./load/swarm-process.js', LOAD_CORE, env);
    this.server = this.start();
  }

  static async open(kind: ServerKind, env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'oms-bench-'));
    const stage = new Stage(kind, folder, { JWT_SECRET, DATA_DIR: folder, ...env });
    await stage.server.url();
    return stage;
  }

  /** Another process of the same server on the same data. */
  start(): Child<Command> {
    return new Child<Command>(`./servers/${this.kind}.js`, SERVER_CORE, this.env);
  }

  async connect(users: readonly string[]): Promise<void> {
    await this.swarm.ask({ do: 'open', url: await this.server.url(), tokens: [...users] });
  }

  /** Connects, and subscribes to all orders. */
  async fillRoom(users: readonly string[]): Promise<void> {
    await this.connect(users);
    if (this.kind !== 'bare-ws') await this.swarm.ask({ do: 'subscribe' });
  }

  cpu(): Promise<number> {
    return this.server.ask({ do: 'cpu' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.swarm, this.poster, this.server].map((child) => child[Symbol.asyncDispose]()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
