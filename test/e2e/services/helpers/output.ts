import { atEnd } from './teardown.js';

/** What this process writes to its terminal from now on, the log lines of services in it among it. */
export function captureOutput(): () => string {
  let said = '';
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array): boolean => {
      said += chunk.toString();
      return true;
    };
    atEnd(async () => void (stream.write = write));
  }
  return () => said;
}
