import { baseEnv, port, tlsEnv } from '@lib/service';
import { z } from 'zod';

/** The variables that say where the parts of the system listen. */
export const systemEnv = baseEnv.extend({
  ...tlsEnv,
  PORT: port(3000),
  AUTH_PORT: port(3004),
  INVENTORY_PORT: port(3003),
  INVENTORY_GRPC_PORT: port(50_051),
  ORDER_PORT: port(3002),
  CART_PORT: port(3005),
});
export type SystemEnv = z.infer<typeof systemEnv>;
type PortVariable = Extract<keyof SystemEnv, `${string}PORT`>;

/** One process of the system. */
export interface Service {
  /** As it is called in output. */
  name: string;
  /** Its folder under apps/. */
  app: string;
  port: PortVariable;
  /** Variable that tells the others its HTTP address. */
  url: string;
  health: string;
  /** Serves HTTPS where `SSL_ENABLED` says so. */
  tls?: true;
  grpc?: { port: PortVariable; url: string };
}

/** In the order in which they are started. */
export const SERVICES: readonly Service[] = [
  { name: 'gateway', app: 'api-gateway', port: 'PORT', url: 'API_GATEWAY_URL', health: '/websocket/health', tls: true },
  { name: 'auth', app: 'auth', port: 'AUTH_PORT', url: 'AUTH_URL', health: '/auth/health' },
  {
    name: 'inventory',
    app: 'inventory',
    port: 'INVENTORY_PORT',
    url: 'INVENTORY_URL',
    health: '/inventory/health',
    grpc: { port: 'INVENTORY_GRPC_PORT', url: 'INVENTORY_GRPC_URL' },
  },
  { name: 'order', app: 'order', port: 'ORDER_PORT', url: 'ORDER_URL', health: '/orders/health' },
  { name: 'cart', app: 'cart', port: 'CART_PORT', url: 'CART_URL', health: '/cart/health' },
];

/** The host part of a URL that reaches a process listening on `host` from this machine. */
export function reachable(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** What the children are told of each other, derived from the ports; a variable that is set already wins. */
export function addresses(env: SystemEnv): Record<string, string> {
  const host = reachable(env.HOST);
  const derived: Record<string, string> = {};
  for (const { port: http, url, grpc, tls } of SERVICES) {
    derived[http] = String(env[http]);
    derived[url] = `${tls && env.SSL_ENABLED ? 'https' : 'http'}://${host}:${env[http]}`;
    if (!grpc) continue;
    derived[grpc.port] = String(env[grpc.port]);
    derived[grpc.url] = `${host}:${env[grpc.port]}`;
  }
  return derived;
}
