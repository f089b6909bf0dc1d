import type { Audience } from '@lib/events';
import type { DefaultEventsMap, Namespace } from 'socket.io';
import type { RealtimeContract } from '../contract.js';
import type { RealtimeSocket, SocketData } from '../socket.js';
import type { Frame } from './frame.js';
import type { Outbox } from './outbox.js';
import type { RenderedEntry } from './rendered-entry.js';

export type RealtimeNamespace = Namespace<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;

/** The sockets of one contract on this node. */
export class Channel {
  private readonly outboxes = new Map<string, Outbox>();

  constructor(
    readonly contract: RealtimeContract,
    readonly namespace: RealtimeNamespace,
    private readonly push: (outbox: Outbox, frame: Frame) => void,
  ) {}

  add(outbox: Outbox): void {
    this.outboxes.set(outbox.socket.id, outbox);
  }

  remove(socketId: string): void {
    this.outboxes.delete(socketId);
  }

  outboxOf(socketId: string): Outbox | undefined {
    return this.outboxes.get(socketId);
  }

  get all(): IterableIterator<Outbox> {
    return this.outboxes.values();
  }

  deliver(rendered: RenderedEntry): void {
    for (const outgoing of rendered.deliveries(this.contract)) {
      this.toHolders(outgoing.audiences, outgoing, (outbox) => {
        if (rendered.seq > outbox.after) this.push(outbox, outgoing.frame);
      });
    }
  }

  /** What of an entry is for this socket, after the delivery `part` of it. */
  framesFor(socket: RealtimeSocket, rendered: RenderedEntry, part = -1): Frame[] {
    const held = this.namespace.adapter.sids.get(socket.id);
    return rendered
      .deliveries(this.contract)
      .filter((outgoing) => outgoing.part > part && outgoing.audiences.some((audience) => held?.has(audience)))
      .map((outgoing) => outgoing.frame);
  }

  /** Calls `send` for each live socket that holds one of the audiences, once. `stamp` names the delivery. */
  toHolders(audiences: readonly Audience[], stamp: object, send: (outbox: Outbox) => void): void {
    for (const audience of audiences) {
      const members = this.namespace.adapter.rooms.get(audience);
      if (!members) continue;
      for (const id of members) {
        const outbox = this.outboxes.get(id);
        if (!outbox || outbox.stamp === stamp) continue;
        outbox.stamp = stamp;
        if (outbox.after !== Infinity) send(outbox);
      }
    }
  }

  /** Sockets, users and rooms, by the contract's room names. */
  stats(): { sockets: number; users: number; rooms: Record<string, number> } {
    const rooms: Record<string, number> = {};
    for (const [room, members] of this.namespace.adapter.rooms) {
      const name = this.contract.roomName(room as Audience);
      if (name !== undefined) rooms[name] = members.size;
    }
    const users = new Set([...this.all].map(({ socket }) => socket.data.identity.userId));
    return { sockets: this.outboxes.size, users: users.size, rooms };
  }
}
