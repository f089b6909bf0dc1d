import { OmsError } from '@lib/events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'socket.io';

/**
 * Lets new connections in only while `open` says so; what is connected goes on. A request to connect is answered 503,
 * a WebSocket is broken off: a balancer asks another node then, and a stock client that came directly knocks again,
 * where a refusal by middleware would make it give up.
 */
export function guardDoor(io: Server, open: () => boolean): void {
  io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (open() || /[?&]sid=/.test(request.url ?? '')) return next();
    const error = new OmsError('unavailable');
    // For a WebSocket the engine hands over a response that can only end the connection.
    response.writeHead(error.status, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify({ success: false, error: error.toBody() }));
  });
}

const METHODS: readonly (string | undefined)[] = ['GET', 'POST', 'OPTIONS'];

/** Answers methods that the polling transport does not have with 405: by itself the engine answers them with 500. */
export function refuseMethods(io: Server): void {
  io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (METHODS.includes(request.method)) return next();
    const error = new OmsError('method_not_allowed');
    response.writeHead(error.status, { 'content-type': 'application/json', allow: METHODS.join(', ') });
    response.end(JSON.stringify({ success: false, error: error.toBody() }));
  });
}

/**
 * Begins the id (`sid`) of each connection with the name of its node and a hyphen: it is in every later request of the
 * connection, so a balancer can lead a polling client back to its node without a cookie and whatever its address.
 */
export function nameConnections(io: Server, node: string): void {
  const { engine } = io;
  const generate = engine.generateId.bind(engine);
  engine.generateId = async (request: IncomingMessage) => `${node}-${await generate(request)}`;
}
