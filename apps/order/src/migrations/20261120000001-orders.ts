import { ServiceMigration } from '@lib/persistence';

export class Migration20261120000001Orders extends ServiceMigration {
  override up(): void {
    const { id, instant } = this.column;
    this.addSql(`
      create table orders (
        id ${id},
        user_id varchar(128) not null,
        address_id varchar(64) not null,
        status varchar(16) not null,
        total_cents bigint not null check (total_cents > 0),
        version integer not null,
        reservation_id varchar(36) not null unique,
        stock_due varchar(16) null check (stock_due in ('RELEASE', 'COMMIT')),
        refusal text null,
        idempotency_key varchar(128) null,
        request_hash varchar(64) not null,
        created_at ${instant} not null,
        updated_at ${instant} not null,
        unique (user_id, idempotency_key)
      )`);
    this.addSql('create index orders_user on orders (user_id, id)');
    this.addSql(`create index orders_placing on orders (id) where status = 'PLACING'`);
    this.addSql('create index orders_stock_due on orders (id) where stock_due is not null');
    this.addSql(`
      create table order_items (
        order_id integer not null references orders (id) on delete cascade,
        position integer not null,
        product_id integer not null,
        quantity integer not null check (quantity > 0),
        price_cents bigint not null check (price_cents > 0),
        primary key (order_id, position)
      )`);
  }
}
