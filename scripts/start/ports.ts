import { createServer, type AddressInfo } from 'node:net';
import type { Service } from '../services.js';

/** A port that somebody of the system needs, and the variable that names it. */
export interface Wanted {
  service: string;
  variable: string;
}

type Ports = Record<string, unknown> & { HOST: string };

export function wantedPorts(services: readonly Service[]): Wanted[] {
  return services.flatMap(({ name, port, grpc }) => {
    const http = { service: name, variable: port };
    return grpc ? [http, { service: `${name} (gRPC)`, variable: grpc.port }] : [http];
  });
}

/** Gives a real port to each variable that asks for any (`0`), so that the others can be told of it. */
export async function settlePorts<Env extends Ports>(env: Env, wanted: readonly Wanted[]): Promise<Env> {
  const settled: Record<string, unknown> = { ...env };
  for (const { variable } of wanted) if (settled[variable] === 0) settled[variable] = await freePort(env.HOST);
  return settled as Env;
}

/** Ends this process where a port cannot be had, with a sentence for each; `command` is what the user called. */
export async function exitWherePortsAreTaken(env: Ports, wanted: readonly Wanted[], command: string): Promise<void> {
  const problems = await portProblems(env, wanted, command);
  if (problems.length === 0) return;
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}

/** Which port, for what, and the variable that moves it. */
async function portProblems(env: Ports, wanted: readonly Wanted[], command: string): Promise<string[]> {
  const problems: string[] = [];
  const owners = new Map<number, Wanted>();
  for (const one of wanted) {
    const port = Number(env[one.variable]);
    const other = owners.get(port);
    if (other) {
      problems.push(`${other.variable} and ${one.variable} are both ${port}: give ${one.service} another one.`);
      continue;
    }
    owners.set(port, one);
    const code = await tryPort(env.HOST, port);
    if (code === 'EADDRNOTAVAIL') return [`HOST=${env.HOST} is no address of this machine.`];
    if (code === undefined) continue;
    problems.push(`Port ${port}, for ${one.service}, ${explain(code)} Another port: ${one.variable}=<port> ${command}`);
  }
  return problems;
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => server.once('error', failed).listen(0, host, done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Undefined where the port is free, else the system's error code. */
function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}

function explain(code: string): string {
  if (code === 'EADDRINUSE') return 'is taken by another program.';
  if (code === 'EACCES') return 'may not be opened by this user (ports up to 1023 belong to root).';
  return `cannot be opened (${code}).`;
}
