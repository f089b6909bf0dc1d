import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { inPath, programOrInstall } from './program.js';

/** The same one that docker-compose.app.yml uses. */
const TEMPLATE = 'scripts/servers/nginx.conf.template';

export const nginxProgram = (): string => programOrInstall('nginx', 'nginx', () => inPath('nginx'));

export interface NginxOptions {
  /** Address to listen on, as `HOST` names it. */
  host: string;
  port: number;
  /** Paths of a certificate and its key, both PEM: then it serves HTTPS and WSS alone. */
  tls?: { cert: string; key: string } | undefined;
  /** `host:port` of the gateways whose `NODE_NAME` is `a` and `b`. */
  gateways: { a: string; b: string };
  /** Takes its configuration and what it must keep for a moment. Made where it is missing. */
  folder: string;
}

/** Writes the configuration of the balancer; returns the arguments with which nginx serves it, in the foreground. */
export function nginxArguments({ host, port, tls, gateways, folder }: NginxOptions): string[] {
  const own = resolve(folder);
  mkdirSync(own, { recursive: true });
  const address = host.includes(':') ? `[${host}]:${port} ipv6only=off` : `${host}:${port}`;
  const values: Record<string, string> = {
    LISTEN: tls ? `${address} ssl` : address,
    TLS: tls ? `ssl_certificate ${quoted(resolve(tls.cert))}; ssl_certificate_key ${quoted(resolve(tls.key))};` : '',
    GATEWAY_A: gateways.a,
    GATEWAY_B: gateways.b,
    RESOLVER: '',
  };
  const configuration = join(own, 'nginx.conf');
  const template = readFileSync(TEMPLATE, 'utf8');
  writeFileSync(
    configuration,
    template.replace(/\$\{BALANCER_(\w+)\}/g, (_, name: string) => values[name] ?? ''),
  );
  // Root's nginx would work as another user, who need not be able to reach the folder.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : '';
  return ['-c', configuration, '-p', own, '-g', `daemon off; pid ${quoted(join(own, 'nginx.pid'))}; ${user}`];
}

/** As nginx reads a text with blanks and the like. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
