import { Injectable } from '@nestjs/common';
import { DatabaseHealth, type HealthReport } from '../database-health.js';
import { Outbox, type OutboxMetrics } from './outbox.js';

export interface ServiceReport extends HealthReport {
  outbox: OutboxMetrics;
}

/** The health of a service with an outbox. A backlog is told, and is no failure: the service itself is well. */
@Injectable()
export class OutboxHealth {
  constructor(
    private readonly database: DatabaseHealth,
    private readonly outbox: Outbox,
  ) {}

  /** Throws `OmsError` `unavailable` where the database is silent. */
  async report(service: string): Promise<ServiceReport> {
    return { ...(await this.database.report(service)), outbox: await this.outbox.metrics() };
  }
}
