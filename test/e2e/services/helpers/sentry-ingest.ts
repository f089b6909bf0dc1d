import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { atEnd } from './teardown.js';

export interface SentryIngest {
  dsn: string;
  /** Bodies of the envelopes, in their order. */
  envelopes: string[];
  /** Milliseconds before it answers. */
  delay: number;
}

/** Stands where a DSN points: takes what the real SDK sends. */
export async function startSentryIngest(): Promise<SentryIngest> {
  const ingest: SentryIngest = { dsn: '', envelopes: [], delay: 0 };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url?.startsWith('/api/42/envelope/')) ingest.envelopes.push(body);
      setTimeout(() => response.end('{}'), ingest.delay);
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  ingest.dsn = `http://public@127.0.0.1:${(server.address() as AddressInfo).port}/42`;
  return ingest;
}
