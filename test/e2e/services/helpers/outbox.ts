import type { CanonicalEvent, EventPublisher, PublishFailure } from '@lib/events';
import {
  databaseEnv,
  databaseOf,
  Outbox,
  OutboxMigration,
  OutboxModule,
  PersistenceModule,
  ServiceMigration,
} from '@lib/persistence';
import { baseEnv, readEnv } from '@lib/service';
import { SqlEntityManager } from '@mikro-orm/sql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TestEnvironment } from './environment.js';
import { startService } from './service.js';

class MigrationThings extends ServiceMigration {
  override up(): void {
    this.addSql('create table things (id integer primary key, version integer not null)');
  }
}
class MigrationOutbox extends OutboxMigration {}

type Publish = EventPublisher['publish'];

/** Where a replica's events go in these tests. */
abstract class Way implements EventPublisher {
  abstract publish: Publish;
}

class Ways {}
class Things {}

/** A small service with an outbox: it has things, and each change of one is an event. */
export interface Replica {
  app: NestFastifyApplication;
  outbox: Outbox;
  em: SqlEntityManager;
  /** Adds 1 to a thing's version, in a transaction with an event that says so. `then` runs before the commit. */
  change(id: number, then?: () => Promise<void>): Promise<void>;
  versionOf(id: number): Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startReplica(
  environment: TestEnvironment,
  publish: Publish,
  { batch = 100, pollMs = 50 } = {},
): Promise<Replica> {
  const config = readEnv(baseEnv.extend(databaseEnv), environment);
  const persistence = PersistenceModule.forRoot({
    service: 'things',
    dataDir: config.DATA_DIR,
    database: databaseOf(config),
    entities: [],
    migrations: [MigrationThings, MigrationOutbox],
  });
  const outboxModule = OutboxModule.forRoot({ service: 'things', publisher: Way, batch, pollMs });
  const ways = { module: Ways, global: true, providers: [{ provide: Way, useValue: { publish } }], exports: [Way] };
  const service = await startService('things', config, {
    module: Things,
    imports: [persistence, ways, outboxModule],
  });
  const { app } = service;
  const em = app.get(SqlEntityManager);
  const outbox = app.get(Outbox);
  return {
    app,
    outbox,
    em,
    stop: () => service.stop(),
    change: (id, then) =>
      em.fork().transactional(async (tx) => {
        const [row] = await tx.execute<{ version: number }[]>(
          `insert into things (id, version) values (?, 1)
           on conflict (id) do update set version = things.version + 1 returning version`,
          [id],
        );
        await outbox.add(tx, changed(id, Number(row?.version)));
        await then?.();
      }),
    async versionOf(id) {
      const [row] = await em.fork().execute<{ version: number }[]>('select version from things where id = ?', [id]);
      return row?.version;
    },
  };
}

/** The event that a thing has come to a version. */
function changed(id: number, version: number) {
  return {
    type: 'inventory.changed',
    data: { productId: id, quantity: version, previousQuantity: version - 1 },
  } as const;
}

/** Takes what is published, and keeps it. */
export class Received {
  readonly events: CanonicalEvent[] = [];
  /** How many events each call brought. */
  readonly calls: number[] = [];
  /** Answers instead of taking it, where it answers. */
  refuse: (events: readonly CanonicalEvent[]) => PublishFailure | undefined = () => undefined;

  readonly publish: Publish = (events) => {
    this.calls.push(events.length);
    const refusal = this.refuse(events);
    if (refusal) return Promise.resolve(refusal);
    this.events.push(...events);
    return Promise.resolve({ ok: true });
  };

  /** Versions of a thing, as they came. */
  of(id: number): number[] {
    return this.events.flatMap(({ type, data }) =>
      type === 'inventory.changed' && data.productId === id ? [data.quantity] : [],
    );
  }
}
