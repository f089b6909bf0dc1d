import { ServiceMigration } from '@lib/persistence';

export class Migration20261120000001Carts extends ServiceMigration {
  override up(): void {
    this.addSql(`
      create table carts (
        user_id varchar(128) primary key,
        checkout_id varchar(36) null,
        checkout_address varchar(80) null
      )`);
    this.addSql(`
      create table cart_items (
        id ${this.column.id},
        user_id varchar(128) not null references carts (user_id) on delete cascade,
        product_id integer not null,
        quantity integer not null check (quantity >= 1),
        price_cents integer not null check (price_cents >= 1),
        unique (user_id, product_id)
      )`);
  }
}
