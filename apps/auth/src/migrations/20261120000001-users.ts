import { ServiceMigration } from '@lib/persistence';

export class Migration20261120000001Users extends ServiceMigration {
  override up(): void {
    const { id, instant, json } = this.column;
    this.addSql(`
      create table users (
        id ${id},
        email varchar(254) not null unique,
        name varchar(200) not null,
        password_hash varchar(200) not null,
        roles ${json} not null,
        company_id varchar(128) null,
        shop_ids ${json} not null,
        permissions ${json} not null,
        created_at ${instant} not null
      )`);
    this.addSql(`
      create table refresh_families (
        id varchar(36) primary key,
        user_id integer not null references users (id) on delete cascade,
        revoked_at ${instant} null,
        expires_at ${instant} not null
      )`);
    this.addSql('create index refresh_families_user on refresh_families (user_id, expires_at)');
    this.addSql(`
      create table refresh_tokens (
        hash varchar(64) primary key,
        family_id varchar(36) not null references refresh_families (id) on delete cascade,
        used_at bigint null,
        expires_at ${instant} not null
      )`);
    this.addSql('create index refresh_tokens_family on refresh_tokens (family_id, expires_at)');
  }
}
