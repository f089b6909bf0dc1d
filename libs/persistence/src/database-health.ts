import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { EntityManager } from '@mikro-orm/core';

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

  constructor(private readonly em: EntityManager) {}

  /** What a service's health route answers. Throws {@link OmsError} `unavailable` where the database is silent. */
  async report(service: string): Promise<HealthReport> {
    const timer = new AbortController();
    const silent = delay(TIMEOUT_MS, { ok: false, reason: 'no answer' }, { signal: timer.signal });
    silent.catch(() => undefined); // it is aborted once the database has answered
    const check = await Promise.race([this.em.getConnection().checkConnection(), silent]);
    timer.abort();
    if (!check.ok) {
      this.logger.warn(`the database does not answer: ${check.reason ?? ''}`);
      throw new OmsError('unavailable', { message: 'The database does not answer' });
    }
    return { status: 'OK', service, timestamp: new Date().toISOString() };
  }
}
