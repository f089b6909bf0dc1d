import { EnvironmentError, readEnvOrExit } from '@lib/service';
import { addresses, SERVICES, systemEnv, type SystemEnv } from '../services.js';
import { banner } from './banner.js';
import { gatewayCertificate } from './certificate.js';
import { untilHealthy } from './health.js';
import { portProblems, settlePorts } from './ports.js';
import { ServiceProcess } from './service-process.js';

const START_LIMIT_MS = 90_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const root = process.cwd();
const aborted = new AbortController();
let services: ServiceProcess[] = [];
let stopped: Promise<void> | undefined;

/** Stops every service, then ends this process. Only the first call counts: Ctrl-C often arrives twice, from the terminal and from npm. */
function stop(why: string, exitCode: number): void {
  stopped ??= (async () => {
    aborted.abort();
    print(`\n${why}`);
    await Promise.all(services.map((service) => service.stop()));
    if (exitCode === 0) print('Everything is stopped.');
    process.exit(exitCode);
  })();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop('Stopping ...', 0));
}
// Whoever read this program's output has gone (`npm start | head`): there is no one to work for.
process.stdout.on('error', () => stop('', 0));

async function start(): Promise<void> {
  const env = await settlePorts(readEnvOrExit(systemEnv));
  const problems = await portProblems(env);
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exit(1);
  }
  const certificate = gatewayCertificate(env, process.env['API_GATEWAY_URL']);
  const derived = addresses(env);
  const options = {
    root,
    env: childEnv(derived, env),
    preload: certificate ? ['leash.mjs', 'trust.mjs'] : ['leash.mjs'],
    print,
    onFailure: (reason: string) => stop(reason, 1),
  };
  services = SERVICES.map((service) => new ServiceProcess(service, options));
  print(`Starting ${SERVICES.map(({ name }) => name).join(', ')} ...`);
  for (const service of services) service.start();
  await Promise.all(
    services.map(async (running) => {
      const { name, url, health, tls } = running.service;
      const question = { url: `${derived[url]}${health}`, certificate: tls && certificate };
      await untilHealthy(question, START_LIMIT_MS, aborted.signal).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        stop(`${name} is not healthy after ${START_LIMIT_MS / 1000} s: ${reason}.`, 1);
        throw error;
      });
      running.markReady();
    }),
  );
  print(banner(derived, env));
}

/** Where the variable of an address is set, by the caller or in .env, it is kept; the ports are settled and always given. */
function childEnv(derived: Record<string, string>, env: SystemEnv): NodeJS.ProcessEnv {
  const set = Object.entries(process.env).filter(([name, value]) => value !== '' && !(name in env));
  const quiet = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  return { ...quiet, ...process.env, ...derived, ...Object.fromEntries(set) };
}

start().catch((error: unknown) => {
  if (error instanceof EnvironmentError) stop(error.message, 78);
  if (!aborted.signal.aborted) stop(error instanceof Error ? (error.stack ?? error.message) : String(error), 1);
});
