import { createServer, type AddressInfo } from 'node:net';
import { SERVICES, type PortVariable, type SystemEnv } from '../services.js';

interface Wanted {
  service: string;
  variable: PortVariable;
}

const WANTED: readonly Wanted[] = SERVICES.flatMap(({ name, port, grpc }) => {
  const http = { service: name, variable: port };
  return grpc ? [http, { service: `${name} (gRPC)`, variable: grpc.port }] : [http];
});

/** Gives a real port to each variable that asks for any (`0`), so that the others can be told of it. */
export async function settlePorts(env: SystemEnv): Promise<SystemEnv> {
  const settled = { ...env };
  for (const { variable } of WANTED) if (settled[variable] === 0) settled[variable] = await freePort(env.HOST);
  return settled;
}

/** One sentence for each port that cannot be had: which, for what, and the variable that moves it. */
export async function portProblems(env: SystemEnv): Promise<string[]> {
  const problems: string[] = [];
  const owners = new Map<number, Wanted>();
  for (const wanted of WANTED) {
    const port = env[wanted.variable];
    const other = owners.get(port);
    if (other) {
      problems.push(`${other.variable} and ${wanted.variable} are both ${port}: give ${wanted.service} another one.`);
      continue;
    }
    owners.set(port, wanted);
    const code = await tryPort(env.HOST, port);
    if (code === 'EADDRNOTAVAIL') return [`HOST=${env.HOST} is no address of this machine.`];
    if (code === undefined) continue;
    problems.push(
      `Port ${port}, for ${wanted.service}, ${explain(code)} Another port: ${wanted.variable}=<port> npm start`,
    );
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
