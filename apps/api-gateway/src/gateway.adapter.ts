import { OmsError } from '@lib/events';
import { RealtimeAdapter } from '@lib/realtime';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, ServerOptions } from 'socket.io';

const METHODS: readonly (string | undefined)[] = ['GET', 'POST', 'OPTIONS'];

/** Answers methods that the polling transport does not have with 405: by itself the engine answers them with 500. */
export class GatewayAdapter extends RealtimeAdapter {
  override createIOServer(port: number, options?: ServerOptions): Server {
    const io = super.createIOServer(port, options);
    io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      if (METHODS.includes(request.method)) return next();
      const error = new OmsError('method_not_allowed');
      response.writeHead(error.status, { 'content-type': 'application/json', allow: METHODS.join(', ') });
      response.end(JSON.stringify({ success: false, error: error.toBody() }));
    });
    return io;
  }
}
