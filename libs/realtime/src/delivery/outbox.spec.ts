import { describe, expect, it } from '@jest/globals';
import type { RealtimeSocket } from '../socket.js';
import { Batch } from './batch.js';
import { Frame } from './frame.js';
import { Outbox } from './outbox.js';

const LIMIT = 1_000;

/** A socket on an open WebSocket connection, as far as an outbox looks at it. */
function connection(): {
  written: string[];
  tcp: { writableLength: number };
  closed: number[];
  socket: RealtimeSocket;
} {
  const written: string[] = [];
  const closed: number[] = [];
  const tcp = { writableLength: 0, write: (bytes: Buffer) => written.push(bytes.toString('latin1')) };
  const websocket = {
    readyState: 1,
    _socket: tcp,
    close: (code: number) => closed.push(code),
    terminate: () => undefined,
  };
  const conn = { readyState: 'open', writeBuffer: [], transport: { name: 'websocket', socket: websocket } };
  return { written, tcp, closed, socket: { connected: true, conn } as unknown as RealtimeSocket };
}

const frame = (name: string): Frame => Frame.event('/events', name, {}, 'epoch1-1.0');

describe('Outbox', () => {
  it('writes what was pushed in order and in one piece, once', () => {
    const { socket, written } = connection();
    const outbox = new Outbox(socket, LIMIT, () => undefined);
    const root = Batch.empty();
    expect([outbox.push(frame('one'), root), outbox.push(frame('two'), root)]).toEqual([true, false]);
    outbox.flush();
    outbox.flush();
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/one.*two/);
  });

  it('writes nothing for a socket that has left its namespace: the connection may serve another', () => {
    const { socket, written } = connection();
    const outbox = new Outbox(socket, LIMIT, () => undefined);
    outbox.push(frame('one'), Batch.empty());
    socket.connected = false;
    outbox.flush();
    expect(written).toEqual([]);
  });

  it('ends a socket that let more wait than it may, once, and writes nothing more', () => {
    const { socket, written, tcp, closed } = connection();
    let slow = 0;
    const outbox = new Outbox(socket, LIMIT, () => slow++);
    tcp.writableLength = LIMIT + 1;
    for (const name of ['one', 'two']) {
      outbox.push(frame(name), Batch.empty());
      outbox.flush();
    }
    expect({ slow, closed, written, open: outbox.open }).toEqual({ slow: 1, closed: [1013], written: [], open: false });
  });
});
