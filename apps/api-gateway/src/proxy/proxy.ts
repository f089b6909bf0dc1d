import httpProxy from '@fastify/http-proxy';
import { OmsError } from '@lib/events';
import type { RequestOptions } from 'node:https';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayConfig } from '../config.js';

/** Hands `/auth`, `/order`, `/inventory` and `/cart` to their services, paths and bodies as they are. */
export async function proxyServices(app: NestFastifyApplication, config: GatewayConfig): Promise<void> {
  const services = {
    '/auth': config.AUTH_URL,
    '/order': config.ORDER_URL,
    '/inventory': config.INVENTORY_URL,
    '/cart': config.CART_URL,
  };
  for (const [prefix, upstream] of Object.entries(services)) {
    await app.register(httpProxy, {
      upstream,
      prefix,
      rewritePrefix: prefix,
      disableRequestLogging: true,
      http: { requestOptions: requestOptions(upstream, config.PROXY_TIMEOUT) },
      replyOptions: {
        rewriteRequestHeaders: (request, headers) => ({ ...headers, 'x-forwarded-for': request.ip }),
        onError(reply: { code(status: number): { send(body: unknown): void } }, { error }: { error: unknown }) {
          const refused = new OmsError(codeOf(error));
          reply.code(refused.status).send({ success: false, error: refused.toBody() });
        },
      },
    });
  }
}

function requestOptions(upstream: string, timeout: number): RequestOptions {
  const { hostname } = new URL(upstream);
  return {
    timeout,
    // The plugin checks no certificate of a service on HTTPS unless it is told to.
    rejectUnauthorized: true,
    // It would look up [::1] as a name.
    ...(hostname.startsWith('[') && { hostname: hostname.slice(1, -1) }),
  };
}

/** A service that takes no connection is away; one that breaks its answer off has failed. */
const AWAY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

function codeOf(error: unknown): 'unavailable' | 'gateway_timeout' | 'bad_gateway' {
  const { statusCode, cause } = error as { statusCode?: number; cause?: { code?: string } };
  if (statusCode === 503 || AWAY.has(cause?.code ?? '')) return 'unavailable';
  return statusCode === 504 ? 'gateway_timeout' : 'bad_gateway';
}
