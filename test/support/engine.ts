import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OmsError, type Audience, type CanonicalEvent } from '@lib/events';
import {
  RealtimeAdapter,
  RealtimeGateway,
  RealtimeModule,
  type Delivery,
  type Handshake,
  type Identity,
  type Journal,
  type RealtimeContract,
  type RealtimeOptions,
} from '@lib/realtime';
import { renderOms } from '../../apps/api-gateway/src/contracts/oms/oms.projection.js';
import { atEnd } from '../e2e/services/helpers/teardown.js';
import type { TestClient } from './client.js';

/** Lets in whoever says who they are, as `auth.user` or by the header `x-user`, and renders as OMS does. */
class OneContract implements RealtimeContract {
  readonly namespace: string = '/one';

  authenticate({ auth, headers }: Handshake): Promise<Identity> {
    const userId: unknown = auth['user'] ?? headers['x-user'];
    return typeof userId === 'string' ? Promise.resolve({ userId }) : Promise.reject(new OmsError('auth_required'));
  }

  audiences({ userId }: Identity): readonly Audience[] {
    return [`user:${userId}`];
  }

  mayHold(): boolean {
    return true;
  }

  confirmation(): { event: string; payload: object } {
    return { event: 'connected', payload: {} };
  }

  roomName(): undefined {
    return undefined;
  }

  render(event: CanonicalEvent): readonly Delivery[] {
    return renderOms(event);
  }
}

class TwoContract extends OneContract {
  override readonly namespace = '/two';
}

@RealtimeGateway('/one')
class OneGateway {}

@RealtimeGateway('/two')
class TwoGateway {}

export interface RunningEngine {
  url: string;
  app: NestFastifyApplication;
}

/** The engine alone, as an application of somebody else has it, with the contracts `/one` and `/two`. */
export async function runEngine(options: Omit<RealtimeOptions, 'contracts'>): Promise<RunningEngine> {
  @Module({
    imports: [RealtimeModule.forRoot({ limits: { drainTime: 0 }, ...options, contracts: [OneContract, TwoContract] })],
    providers: [OneGateway, TwoGateway],
  })
  class Application {}
  const adapter = new FastifyAdapter({ forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(Application, adapter, { logger: false });
  atEnd(() => app.close());
  app.useWebSocketAdapter(new RealtimeAdapter(app, { origins: true }));
  await app.listen(0, '127.0.0.1');
  return { url: (await app.getUrl()).replace(/\/$/, ''), app };
}

/** The path of a journal's file, in a folder of its own. */
export async function journalPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-journal-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'journal.sqlite');
}

/** A journal that does the same as another, but for what `changes` say. */
export function journalLike(journal: Journal, changes: Partial<Journal>): Journal {
  return {
    append: (inputs) => journal.append(inputs),
    read: (query) => journal.read(query),
    tail: () => journal.tail(),
    follow: (options) => journal.follow(options),
    close: () => journal.close(),
    ...changes,
  };
}

/** From its next connection on the client is another node's, as behind a balancer. */
export function moveTo({ socket }: TestClient, { url }: RunningEngine): void {
  Object.assign(socket.io, { uri: url });
}
