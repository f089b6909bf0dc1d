import { readCertificate, readEnvOrExit, run } from '@lib/service';
import { SERVICES, systemEnv } from '../services.js';
import { ask } from '../start/health.js';

// For a container's HEALTHCHECK: the app that APP names; exit code 0 or 1.
run('healthcheck', async () => {
  const env = readEnvOrExit(systemEnv);
  const service = SERVICES.find(({ app }) => app === process.env['APP']);
  const certificate = service?.tls && readCertificate(env);
  const scheme = certificate ? 'https' : 'http';
  const problem = service
    ? await ask({ url: `${scheme}://127.0.0.1:${env[service.port]}${service.health}`, certificate })
    : 'no such app';
  if (problem) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
});
