import type { Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io';
import type { Batch } from './batch.js';

/** The parts of `ws` and Engine.IO that their types do not show. This file is the only one that touches them. */
interface RawWebSocket {
  readyState: number;
  _socket: NetSocket | undefined;
  close(code: number, reason: string): void;
  terminate(): void;
}

type Connection = Socket['conn'];

const OPEN = 1;
/** WebSocket close code "try again later". */
const TRY_AGAIN_LATER = 1013;
/** Milliseconds that a slow socket has to take its closing frame before it is cut. */
const CLOSING_TIME = 1_000;

/** Writes a batch in one piece where the connection lets us, else through Engine.IO; always in order with its packets. */
export function write(connection: Connection, batch: Batch): void {
  const socket = rawSocket(connection);
  if (socket) {
    socket.write(batch.bytes);
  } else if (connection.readyState === 'open') {
    for (const frame of batch.frames) connection.write(frame.packet, { compress: false });
  }
}

/** Bytes that wait in this process for a connection's peer to take them. */
export function bufferedBytes(connection: Connection): number {
  const socket = webSocket(connection)?._socket;
  let bytes = socket?.writableLength ?? 0;
  for (const packet of buffer(connection)) bytes += typeof packet.data === 'string' ? packet.data.length : 0;
  return bytes;
}

/**
 * Ends the connection, not the client: it may come back by itself. What it was not yet sent is dropped soon.
 * False where it is ending already.
 */
export function cut(connection: Connection, reason: string): boolean {
  const socket = webSocket(connection);
  if (!socket) {
    const open = connection.readyState === 'open';
    connection.close(true);
    return open;
  }
  if (socket.readyState !== OPEN) return false;
  socket.close(TRY_AGAIN_LATER, reason);
  setTimeout(() => socket.terminate(), CLOSING_TIME).unref();
  return true;
}

/** The TCP socket, where it can be written to directly: an open WebSocket with nothing of Engine.IO queued before us. */
function rawSocket(connection: Connection): NetSocket | undefined {
  if (connection.readyState !== 'open' || buffer(connection).length > 0) return undefined;
  const socket = webSocket(connection);
  return socket?.readyState === OPEN ? socket._socket : undefined;
}

function webSocket({ transport }: Connection): RawWebSocket | undefined {
  return transport.name === 'websocket' ? (transport as unknown as { socket: RawWebSocket }).socket : undefined;
}

function buffer(connection: Connection): readonly { data?: unknown }[] {
  return (connection as unknown as { writeBuffer: { data?: unknown }[] }).writeBuffer;
}
