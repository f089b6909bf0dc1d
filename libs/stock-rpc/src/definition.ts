import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import {
  loadPackageDefinition,
  type Client,
  type GrpcObject,
  type Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import type { FailedLine, StockLine } from './stock-reservations.js';

/** The messages of `stock.proto`, as the loader hands them over. */
export interface Messages {
  Reserve: { request: { orderId: string; lines: StockLine[] }; reply: { failed: FailedLine[] } };
  Release: { request: { orderId: string }; reply: Record<string, never> };
  Commit: { request: { orderId: string }; reply: Record<string, never> };
}

type Method<M extends { request: object; reply: object }> = (
  request: M['request'],
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, reply: M['reply'] | undefined) => void,
) => unknown;

export type StockMethods = { [Name in keyof Messages]: Method<Messages[Name]> };
export type StockClient = Client & StockMethods;

// Beside this file in the sources; the build copies it to the same place in `dist`.
const PROTO = fileURLToPath(new URL('stock.proto', import.meta.url));

const root = loadPackageDefinition(loadSync(PROTO, { defaults: true, arrays: true }));

/** The constructor of clients, and in `service` the definition a server adds. */
export const StockService = descend(root, ['oms', 'stock', 'v1', 'Stock']);

function descend(object: GrpcObject, path: readonly string[]): ServiceClientConstructor {
  let found: GrpcObject[string] = object;
  for (const name of path) found = (found as GrpcObject)[name] as GrpcObject[string];
  return found as ServiceClientConstructor;
}
