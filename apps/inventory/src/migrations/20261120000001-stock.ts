import { ServiceMigration } from '@lib/persistence';

export class Migration20261120000001Stock extends ServiceMigration {
  override up(): void {
    const { id, instant } = this.column;
    this.addSql(`
      create table products (
        id ${id},
        sku varchar(64) not null unique,
        name varchar(200) not null,
        price_cents bigint not null check (price_cents > 0),
        threshold integer not null check (threshold >= 0),
        available integer not null check (available >= 0),
        reserved integer not null default 0 check (reserved >= 0),
        created_at ${instant} not null,
        updated_at ${instant} not null
      )`);
    this.addSql(`
      create table stock_levels (
        product_id integer not null references products (id),
        location_id varchar(64) not null,
        quantity integer not null check (quantity >= 0),
        primary key (product_id, location_id)
      )`);
    this.addSql(`
      create table stock_adjustments (
        id ${id},
        product_id integer not null references products (id),
        location_id varchar(64) not null,
        quantity integer not null,
        reason varchar(200) not null,
        user_id varchar(128) not null,
        created_at ${instant} not null
      )`);
    this.addSql('create index stock_adjustments_product on stock_adjustments (product_id, id)');
    this.addSql(`
      create table reservations (
        order_id varchar(64) primary key,
        status varchar(16) not null check (status in ('HELD', 'RELEASED', 'COMMITTED')),
        lines text not null,
        created_at ${instant} not null,
        updated_at ${instant} not null
      )`);
    this.addSql(`
      create table reservation_lines (
        order_id varchar(64) not null references reservations (order_id),
        product_id integer not null references products (id),
        location_id varchar(64) not null,
        quantity integer not null check (quantity > 0),
        primary key (order_id, product_id, location_id)
      )`);
  }
}
