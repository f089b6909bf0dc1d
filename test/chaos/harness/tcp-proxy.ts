import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { atEnd } from '../../e2e/services/helpers/teardown.js';

/**
 * One connection through the proxy. While it is held, nothing passes and neither end is told of the other. A
 * forgotten one is held for ever: half-open, where only one of its ends has gone.
 */
interface Link {
  near: Socket;
  far: Socket | undefined;
  state: 'passing' | 'held' | 'forgotten';
}

/** A network in miniature before a port of this machine: it passes bytes on, falls silent, or breaks connections. */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private readonly server: Server;
  private mode: 'pass' | 'hold' | 'refuse' = 'pass';
  /** Milliseconds after each piece of what the target sends; 0 is no delay. */
  private rest = 0;

  private constructor(private readonly target: number) {
    this.server = createServer((near) => this.accept(near));
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => void proxy.server.listen(0, '127.0.0.1', resolve));
    atEnd(() => {
      for (const link of proxy.links) proxy.end(link);
      return new Promise((done) => proxy.server.close(() => done()));
    });
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Nothing passes any more, on connections that there are and on new ones, and nobody is told. */
  partition(): void {
    this.mode = 'hold';
    for (const link of this.links) {
      if (link.state !== 'passing') continue;
      link.state = 'held';
      link.near.pause();
      link.far?.pause();
    }
  }

  /** The end of {@link partition}, soon enough for TCP: what was held goes on as if nothing had been. */
  heal(): void {
    this.mode = 'pass';
    for (const link of this.links) if (link.state === 'held') this.pass(link);
  }

  /** The end of {@link partition}, too late: what was held stays silent for ever. New connections pass. */
  forget(): void {
    this.mode = 'pass';
    for (const link of this.links) if (link.state === 'held') link.state = 'forgotten';
  }

  /** A slow line from the target: so many milliseconds for each 64 KB. */
  slowDown(rest: number): void {
    this.rest = rest;
  }

  /** Breaks every connection but the forgotten ones, so that both ends notice, and lets no new one in. */
  refuse(): void {
    this.mode = 'refuse';
    for (const link of this.links) if (link.state !== 'forgotten') this.end(link);
  }

  /** The end of {@link refuse}. */
  admit(): void {
    this.mode = 'pass';
  }

  private accept(near: Socket): void {
    if (this.mode === 'refuse') return void near.destroy();
    const link: Link = { near, far: undefined, state: 'held' };
    this.links.add(link);
    this.watch(link, near);
    if (this.mode === 'pass') this.pass(link);
    else near.pause();
  }

  private pass(link: Link): void {
    link.state = 'passing';
    const { near } = link;
    if (near.destroyed) return this.end(link);
    if (!link.far) {
      const far = (link.far = connect(this.target, '127.0.0.1'));
      this.watch(link, far);
      // Not by pipe(), which would resume what was paused.
      near.on('data', (bytes) => far.write(bytes));
      far.on('data', (bytes) => {
        near.write(bytes);
        if (this.rest > 0) this.restAfter(link, far);
      });
    }
    near.resume();
    link.far.resume();
  }

  private restAfter(link: Link, far: Socket): void {
    far.pause();
    setTimeout(() => {
      if (link.state === 'passing') far.resume();
    }, this.rest);
  }

  private watch(link: Link, socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (link.state === 'passing') this.end(link);
    });
  }

  private end(link: Link): void {
    this.links.delete(link);
    link.near.destroy();
    link.far?.destroy();
  }
}
