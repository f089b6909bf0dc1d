import { connect } from 'node:net';

/** Sends bytes over a connection of their own; resolves with all that came back, when it has ended or is silent. */
export function exchange(port: number, bytes: Buffer, silence = 700): Promise<string> {
  return new Promise((resolve) => {
    const came: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    // A peer that waits for the rest of what is no request, or that breaks off, has given the answer that it gives.
    socket.setTimeout(silence, () => socket.destroy());
    socket.on('data', (chunk) => came.push(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(Buffer.concat(came).toString('latin1')));
  });
}

/** The statuses of the answers on one connection. */
export function statusesOf(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
}

/** Runs the work on each item, at most `width` at once. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
