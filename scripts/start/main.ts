import { readEnvOrExit } from '@lib/service';
import { addresses, SERVICES, systemEnv } from '../services.js';
import { banner } from './banner.js';
import { gatewayCertificate } from './certificate.js';
import { childEnv } from './child-env.js';
import { exitWherePortsAreTaken, settlePorts, wantedPorts } from './ports.js';
import { runSystem } from './run.js';
import { serviceProgram } from './service-program.js';

await runSystem(async () => {
  const wanted = wantedPorts(SERVICES);
  const env = await settlePorts(readEnvOrExit(systemEnv), wanted);
  await exitWherePortsAreTaken(env, wanted, 'npm start');
  const certificate = gatewayCertificate(env, process.env['API_GATEWAY_URL']);
  const derived = addresses(env);
  const programs = SERVICES.map(({ name, app, url, health, tls }) =>
    serviceProgram({
      name,
      app,
      env: childEnv(derived, env),
      url: `${derived[url]}${health}`,
      ...(tls && { certificate }),
      ...(certificate && { preload: ['trust.mjs'] }),
    }),
  );
  const rows = SERVICES.map(({ name, url, health }): [string, string] => [name, `${derived[url]}${health}`]);
  return { stages: [programs], banner: banner({ rows, gateway: derived['API_GATEWAY_URL'] ?? '', env }) };
});
