import { join } from 'node:path';
import type { X509Certificate } from 'node:crypto';
import { nginxArguments, nginxProgram } from '../servers/nginx.js';
import { endingWithParent } from '../servers/program.js';
import { ask } from '../start/health.js';
import type { Program } from '../start/program.js';
import type { ClusterEnv } from './env.js';
import { orExplain } from './redis.js';

/** nginx before both gateways, on `PORT`; with HTTPS where `SSL_ENABLED` says so. Throws `StartError` where there is none. */
export function balancer(env: ClusterEnv, url: string, certificate: X509Certificate | undefined): Program {
  const { HOST, PORT, PORT_A, PORT_B, DATA_DIR, SSL_CERT_PATH: cert, SSL_KEY_PATH: key } = env;
  const args = nginxArguments({
    host: HOST,
    port: PORT,
    ...(certificate && cert !== undefined && key !== undefined && { tls: { cert, key } }),
    gateways: { a: `127.0.0.1:${PORT_A}`, b: `127.0.0.1:${PORT_B}` },
    folder: join(DATA_DIR, 'nginx'),
  });
  // SIGTERM: the one that starts the others ends them, too.
  const [command, all] = endingWithParent(orExplain(nginxProgram), args, { whenOrphaned: 'TERM' });
  return {
    name: 'balancer',
    command,
    args: all,
    env: process.env,
    check: async () => {
      const problem = await ask({ url, certificate });
      return problem === undefined ? undefined : `${url} ${problem}`;
    },
  };
}
