import { readEnvOrExit, readTls } from '@lib/service';
import { addresses, SERVICES } from '../services.js';
import { banner } from '../start/banner.js';
import { gatewayCertificate } from '../start/certificate.js';
import { childEnv } from '../start/child-env.js';
import { exitWherePortsAreTaken, settlePorts, wantedPorts, type Wanted } from '../start/ports.js';
import type { Program } from '../start/program.js';
import { runSystem } from '../start/run.js';
import { serviceProgram } from '../start/service-program.js';
import { balancer } from './balancer.js';
import { clusterEnv, type ClusterEnv } from './env.js';
import { assertRedisAnswers, ownRedis } from './redis.js';

const HEALTH = '/websocket/health';
const NODES = [
  { node: 'a', name: 'gateway-a', port: 'PORT_A' },
  { node: 'b', name: 'gateway-b', port: 'PORT_B' },
] as const;
const OTHERS = SERVICES.filter(({ app }) => app !== 'api-gateway');

function wantedHere({ REDIS_URL }: ClusterEnv): Wanted[] {
  return [
    { service: 'balancer', variable: 'PORT' },
    ...NODES.map(({ name, port }) => ({ service: name, variable: port })),
    ...(REDIS_URL === undefined ? [{ service: 'redis', variable: 'REDIS_PORT' }] : []),
    ...wantedPorts(OTHERS),
  ];
}

/** On loopback and without HTTPS: the balancer is the way in. */
function gateways(env: ClusterEnv, shared: NodeJS.ProcessEnv, redisUrl: string): Program[] {
  return NODES.map(({ node, name, port }) =>
    serviceProgram({
      name,
      app: 'api-gateway',
      env: {
        ...shared,
        HOST: '127.0.0.1',
        PORT: String(env[port]),
        NODE_NAME: node,
        REDIS_URL: redisUrl,
        SSL_ENABLED: 'false',
      },
      url: `http://127.0.0.1:${env[port]}${HEALTH}`,
    }),
  );
}

await runSystem(async () => {
  const read = readEnvOrExit(clusterEnv);
  const wanted = wantedHere(read);
  const env = await settlePorts(read, wanted);
  await exitWherePortsAreTaken(env, wanted, 'npm run start:cluster');
  readTls(env);
  const certificate = gatewayCertificate(env, process.env['API_GATEWAY_URL']);
  const derived = addresses(env);
  const gateway = derived['API_GATEWAY_URL'] ?? '';
  const shared = childEnv(derived, env);

  if (env.REDIS_URL !== undefined) await assertRedisAnswers(env.REDIS_URL);
  const redis = env.REDIS_URL === undefined ? [ownRedis(env.REDIS_PORT, env.DATA_DIR)] : [];
  const redisUrl = env.REDIS_URL ?? `redis://127.0.0.1:${env.REDIS_PORT}`;
  const nodes = gateways(env, shared, redisUrl);
  const services = OTHERS.map(({ name, app, url, health }) =>
    serviceProgram({
      name,
      app,
      env: shared,
      url: `${derived[url]}${health}`,
      ...(certificate && { preload: ['trust.mjs'] }),
    }),
  );
  const front = balancer(env, gateway + HEALTH, certificate);

  const rows: [string, string][] = [
    ['balancer', gateway + HEALTH],
    ...NODES.map(({ name, port }): [string, string] => [name, `http://127.0.0.1:${env[port]}${HEALTH}`]),
    ...OTHERS.map(({ name, url, health }): [string, string] => [name, `${derived[url]}${health}`]),
    ['redis', env.REDIS_URL === undefined ? redisUrl : new URL(redisUrl).host],
  ];
  return { stages: [redis, [...nodes, ...services], [front]], banner: banner({ rows, gateway, env }) };
});
