import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { migrations } from '../../../../schema/migrations.ts';
import { sqlite } from '../../../../src/store/dialects/sqlite.ts';
import { migrate, SchemaError } from '../../../../src/store/knex/migrate.ts';
import { newFile } from '../../../support/databases.ts';

describe('migrations', () => {
  const names = migrations.map(({ name }) => name);

  function applied(file: string): unknown[] {
    const database = new Database(file, { readonly: true });
    const rows = database.prepare('SELECT name FROM knex_migrations ORDER BY id').pluck().all();
    database.close();
    return rows;
  }

  it('run once, in order', async () => {
    const file = newFile();
    await migrate(sqlite(file));
    await migrate(sqlite(file));
    assert.deepEqual(applied(file), names);
  });

  it('have numbered names without a file extension', () => {
    for (const [i, name] of names.entries()) {
      assert.match(name, new RegExp(`^${String(i + 1).padStart(4, '0')}-[a-z-]+$`));
    }
  });

  it('run once when several processes start at the same time', async () => {
    const file = newFile();
    await Promise.all([migrate(sqlite(file)), migrate(sqlite(file)), migrate(sqlite(file))]);
    assert.deepEqual(applied(file), names);
  });

  it('refuse a database that is newer than the program, in words', async () => {
    const file = newFile();
    await migrate(sqlite(file));
    const database = new Database(file);
    database.exec("INSERT INTO knex_migrations (name, batch) VALUES ('9999-of-the-future', 2)");
    database.close();
    const error = await migrate(sqlite(file)).catch((one) => one);
    assert.ok(error instanceof SchemaError);
    assert.match(error.message, /newer than this program.*9999-of-the-future/);
  });

  it('wait for another process, with a limit', async () => {
    const file = newFile();
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(migrate(sqlite(file), 0.3), /Another process has been migrating/);
    const waiting = migrate(sqlite(file), 10);
    setTimeout(() => other.exec('COMMIT'), 200);
    await waiting;
    assert.deepEqual(applied(file), names);
    other.close();
  });

  it('release the lock that a crashed process has left behind', async () => {
    const file = newFile();
    const database = new Database(file);
    database.exec(`
      CREATE TABLE knex_migrations_lock ("index" integer not null primary key autoincrement, is_locked integer);
      INSERT INTO knex_migrations_lock (is_locked) VALUES (1)`);
    database.close();
    await migrate(sqlite(file));
    assert.deepEqual(applied(file), names);
  });

  it('leave nothing behind where one fails', async () => {
    const file = newFile();
    const database = new Database(file);
    database.exec('CREATE TABLE objects (something)');
    await assert.rejects(migrate(sqlite(file)));
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    assert.deepEqual(tables, ['objects']);
    database.close();
  });
});
