/**
 * A process of its own with stock clients, so that it can be stopped (SIGSTOP) and continued: what they have
 * received, in runs of consecutive numbers. Run by Node directly: no import of this project, erasable types only.
 *
 * Arguments: url, then one token a client. Messages out: `{ ready: true }`, and to any message in, the {@link Report}s.
 */
import { io } from 'socket.io-client';

/** One client: the first and last number of each run without a hole, and how often it was told to reload. */
export interface Report {
  runs: [number, number][];
  connects: number;
  resyncs: string[];
}

const [url = '', ...tokens] = process.argv.slice(2);

const clients = tokens.map((token) => {
  const report: Report = { runs: [], connects: 0, resyncs: [] };
  const socket = io(`${url}/events`, {
    auth: { token },
    forceNew: true,
    transports: ['websocket'],
    reconnectionDelay: 50,
    reconnectionDelayMax: 250,
  });
  socket.on('connected', () => {
    report.connects++;
    if (clients.every(({ connects }) => connects > 0)) process.send?.({ ready: true });
  });
  socket.on('resync_required', ({ reason }: { reason: string }) => report.resyncs.push(reason));
  socket.on('system_notification', ({ data }: { data: { title: string } }) => {
    const n = Number(data.title);
    const run = report.runs.at(-1);
    if (run && n === run[1] + 1) run[1] = n;
    else report.runs.push([n, n]);
  });
  return report;
});

process.on('message', () => process.send?.(clients));
process.on('disconnect', () => process.exit());
