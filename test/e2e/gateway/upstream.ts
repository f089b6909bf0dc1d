import Fastify, { type FastifyInstance } from 'fastify';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { atEnd } from '../services/helpers/teardown.js';

/** What an upstream was asked. */
export interface Asked {
  service: string;
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  /** The bytes of the body, as latin1. */
  body: string;
}

/** A service on a free port that answers with what it was asked, or as the query `?answer=` says. */
export async function upstream(
  service: string,
  port = 0,
): Promise<{ url: string; app: FastifyInstance; asked: Asked[] }> {
  const asked: Asked[] = [];
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 8 * 1_048_576, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/*',
    handler: (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body.toString('latin1') : '';
      const seen = { service, method: request.method, url: request.url, headers: request.headers, body };
      asked.push(seen);
      const { answer = '200' } = request.query as { answer?: string };
      void reply.header('x-service', service).header('set-cookie', ['a=1', 'b=2']);
      if (answer === '204') return reply.code(204).send();
      if (answer === '302') return reply.redirect(`/${service}/elsewhere`);
      return reply.code(Number(answer)).send(seen);
    },
  });
  atEnd(() => app.close());
  await app.listen({ port, host: '127.0.0.1' });
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, app, asked };
}

/** Something that listens, and does as it likes with each connection. */
export async function misbehaving(behave: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => void server.close(() => done()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
