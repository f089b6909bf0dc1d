import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { SqlEntityManager } from '@mikro-orm/sql';

export interface HealthReport {
  status: 'OK';
  service: string;
  timestamp: string;
}

/** Milliseconds after which a silent database counts as away. */
const TIMEOUT_MS = 2_000;

@Injectable()
export class DatabaseHealth {
  private readonly logger = new Logger(DatabaseHealth.name);

  constructor(private readonly em: SqlEntityManager) {}

  /** What a service's health route answers. Throws {@link OmsError} `unavailable` where the database is silent. */
  async report(service: string): Promise<HealthReport> {
    const timer = new AbortController();
    const silence = delay(TIMEOUT_MS, undefined, { signal: timer.signal });
    silence.catch(() => undefined); // it is aborted once the database has answered
    try {
      // A query, not `checkConnection()`: that fails where nothing has asked for a connection yet.
      await Promise.race([this.em.getConnection().execute('select 1'), silence.then(timedOut)]);
    } catch (error) {
      this.logger.warn(`the database does not answer: ${error instanceof Error ? error.message : String(error)}`);
      throw new OmsError('unavailable', { message: 'The database does not answer', cause: error });
    } finally {
      timer.abort();
    }
    return { status: 'OK', service, timestamp: new Date().toISOString() };
  }
}

function timedOut(): never {
  throw new Error(`no answer within ${TIMEOUT_MS} ms`);
}
