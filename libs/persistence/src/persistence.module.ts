import { MikroOrmModule } from '@mikro-orm/nestjs';
import { EntityManager } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { DatabaseHealth } from './database-health.js';
import { ormOptions, type PersistenceOptions } from './orm-options.js';
import { prepareDatabase } from './prepare-database.js';
import { RequestContextInterceptor } from './request-context.interceptor.js';

/**
 * A service's own database, migrated before anything can use it. Gives `EntityManager` of `@mikro-orm/core` and
 * `SqlEntityManager` of `@mikro-orm/sql` (the same object) and {@link DatabaseHealth}, to the whole app.
 *
 * In an HTTP or gRPC handler the injected manager is the request's own. Elsewhere (start-up, timers) fork it:
 * `em.fork()`; the global one refuses to work, so that no identity map is shared by accident.
 */
@Module({})
export class PersistenceModule {
  static forRoot(options: PersistenceOptions): DynamicModule {
    const { driver, ...rest } = ormOptions(options);
    const orm = MikroOrmModule.forRootAsync({
      driver,
      useFactory: async () => {
        await prepareDatabase(options);
        return { ...rest, driver, registerRequestContext: false };
      },
    });
    return {
      module: PersistenceModule,
      global: true,
      // A promise is what Nest awaits here, though the type of MikroOrmModule says it may also be none.
      imports: [Promise.resolve(orm)],
      providers: [
        { provide: SqlEntityManager, useFactory: (em: EntityManager) => em, inject: [EntityManager] },
        { provide: APP_INTERCEPTOR, useClass: RequestContextInterceptor },
        DatabaseHealth,
      ],
      exports: [SqlEntityManager, DatabaseHealth],
    };
  }
}
