import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { atEnd } from '../../e2e/services/helpers/teardown.js';

/** Rounds of the nodes before a connection is given up. */
const ROUNDS = 2;

/**
 * What stands before several gateways: new clients go round the nodes, and each then stays with its node, as
 * polling needs, until that node takes no connection. A client is known by `client=` in the address it asks for.
 */
export class Balancer {
  private readonly nodeOf = new Map<string, number>();
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly ports: readonly number[]) {
    this.server = createServer((near) => this.accept(near));
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    await new Promise<void>((resolve) => void balancer.server.listen(0, '127.0.0.1', resolve));
    atEnd(() => {
      for (const socket of balancer.sockets) socket.destroy();
      return new Promise((done) => balancer.server.close(() => done()));
    });
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Clients by the number of the node that they are with. */
  shares(): number[] {
    return this.ports.map((_, node) => [...this.nodeOf.values()].filter((one) => one === node).length);
  }

  /** Forgets who was where: clients go round the nodes anew with their next connections. */
  spread(): void {
    this.nodeOf.clear();
  }

  private accept(near: Socket): void {
    this.watch(near);
    near.once('data', (head) => {
      near.pause();
      const client = /[?&]client=(\w+)/.exec(head.toString('latin1').split('\r\n')[0] ?? '')?.[1] ?? '';
      const node = this.nodeOf.get(client) ?? this.nodeOf.size % this.ports.length;
      this.nodeOf.set(client, node);
      this.reach(client, node, this.ports.length * ROUNDS, near, head);
    });
  }

  private reach(client: string, node: number, attempts: number, near: Socket, head: Buffer): void {
    if (attempts === 0 || near.destroyed) return void near.destroy();
    const far = connect(this.ports[node] ?? 0, '127.0.0.1');
    far.once('error', () => {
      const next = (node + 1) % this.ports.length;
      this.reach(client, next, attempts - 1, near, head);
    });
    far.once('connect', () => {
      far.removeAllListeners('error');
      this.nodeOf.set(client, node);
      this.watch(far);
      far.on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      far.write(head);
      near.pipe(far);
      far.pipe(near);
    });
  }

  private watch(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
