import { OutboxMigration } from '@lib/persistence';

export class Migration20261127000001Outbox extends OutboxMigration {}
