import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { NodeCounts, Nodes } from './nodes.js';

/** A node that is alone. */
export class SingleNode implements Nodes {
  readonly id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  private counts: () => NodeCounts = () => ({});

  start(counts: () => NodeCounts): void {
    this.counts = counts;
  }

  all(): Promise<Readonly<Record<string, NodeCounts>>> {
    return Promise.resolve({ [this.id]: this.counts() });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
