import { Logger, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { OmsError } from '@lib/events';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { EnvironmentError, exitMisconfigured, type BaseEnv } from './env.js';
import { HttpExceptionFilter } from './http-exception.filter.js';
import { ServiceLogger } from './logger.js';
import type { Tls } from './tls.js';
import { validationPipe } from './validation.js';

/** Milliseconds between two rounds of closing what came late; an answer under way has this long. */
const LATE = 250;

/** Bytes of the largest HTTP body that is read. */
export const BODY_LIMIT = 1_048_576;

/**
 * A Nest application as every process here runs it: Fastify, validated DTOs, the one error body,
 * clean shutdown on SIGTERM and SIGINT. It does not listen yet. With `tls` it serves HTTPS (HTTP/1.1) alone.
 */
export async function createService(
  name: string,
  env: BaseEnv,
  module: Type | DynamicModule,
  tls?: Tls,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...(tls && { https: tls }),
    bodyLimit: BODY_LIMIT,
    // Ids in paths have up to 128 characters, each of which may take nine in the address.
    routerOptions: { maxParamLength: 128 * 9 },
    forceCloseConnections: true,
    // The gateway in front says who is calling; a stranger's own claim is not believed.
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    // What Fastify refuses before any route, such as a path that is no valid UTF-8.
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      const refused = new OmsError(error.statusCode === 404 ? 'not_found' : 'invalid_payload');
      void reply.status(refused.status).send({ success: false, error: refused.toBody() });
    },
  });
  // JSON is what is understood here. Nest and Fastify would also take forms and plain text for a body.
  adapter.getInstance().removeContentTypeParser('text/plain');
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new ServiceLogger(name, env),
    // Nest reads it for the scheme of `getUrl()` alone; the server above has it already.
    ...(tls && { httpsOptions: tls }),
    abortOnError: false,
    bodyParser: false,
    // Fastify closes them, below; a Socket.IO server that closes first would wait for each kept-alive one to end.
    forceCloseConnections: true,
  });
  closeLateConnections(adapter);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new HttpExceptionFilter());
  // Asked to end, it ends with 0: the signal's own code would look like a crash to whatever supervises it.
  app.enableShutdownHooks([], { useProcessExit: true });
  return app;
}

/** Connections that a client opens while the others are being closed would keep the process for as long as they are used. */
function closeLateConnections(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  fastify.addHook('preClose', () => {
    const closing = setInterval(() => fastify.server.closeAllConnections(), LATE);
    fastify.server.once('close', () => clearInterval(closing));
    return Promise.resolve();
  });
}

/** Listens, and says where. Where the port cannot be had it throws one line that names it and `variable`, which sets it. */
export async function listen(app: NestFastifyApplication, variable: string, host: string, port: number): Promise<void> {
  try {
    await app.listen(port, host);
    const everywhere = isAnyAddress(host) ? ', and by every other address of this machine' : '';
    new Logger('Service').log(`listening on ${await app.getUrl()}${everywhere}`);
  } catch (error) {
    await app.close();
    throw explainListenError(error, variable, port);
  }
}

/** Runs a `main`: an error on the way up is one readable line, and exit code 1; 78 where it is the environment's. */
export function run(name: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    if (error instanceof EnvironmentError) exitMisconfigured(error);
    process.stderr.write(`${name} did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}

/** Nest shows these as a loopback address, which hides that the port is open to other machines. */
function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function explainListenError(error: unknown, variable: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new Error(`port ${port} is taken: end what uses it, or set ${variable} to another`);
  if (code === 'EACCES')
    return new Error(`port ${port} may not be opened by this user: set ${variable} to one above 1023`);
  return error;
}
