import { SERVICES, systemEnv } from '../services.js';
import { ask } from '../start/health.js';
import { readEnvOrExit } from '@lib/service';

// For a container's HEALTHCHECK: the app that APP names; exit code 0 or 1.
const env = readEnvOrExit(systemEnv);
const service = SERVICES.find(({ app }) => app === process.env['APP']);
const problem = service ? await ask(`http://127.0.0.1:${env[service.port]}${service.health}`) : 'no such app';
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
