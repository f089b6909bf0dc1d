import { ServiceMigration } from '../service-migration.js';

/**
 * Makes a service's table `outbox`. A service extends it under a name of its own, which is the migration's identity:
 * `export class Migration20261127000001Outbox extends OutboxMigration {}`.
 *
 * A row that was published is deleted. One that was refused for good stays, with `failed_at` and `reason`; once its
 * cause is mended, `update outbox set failed_at = null where id = ...` sends it again.
 */
export abstract class OutboxMigration extends ServiceMigration {
  override up(): void {
    this.addSql(`
      create table outbox (
        id ${this.column.bigId},
        partition_key varchar(256) not null,
        event text not null,
        created_at bigint not null,
        failed_at bigint null,
        reason text null
      )`);
    this.addSql('create index outbox_waiting on outbox (id) where failed_at is null');
    this.addSql('create index outbox_entity on outbox (partition_key, id) where failed_at is null');
    this.addSql('create index outbox_failed on outbox (failed_at) where failed_at is not null');
  }
}
