import assert from 'node:assert/strict';
import knexFactory from 'knex';
import { migrations } from '../../../../schema/migrations.ts';
import type { Dialect } from '../../../../src/store/dialects/abilities.ts';
import { migrate, SchemaError } from '../../../../src/store/knex/migrate.ts';
import { describeOn, execute, serverDatabases } from '../../../support/databases.ts';

describeOn(serverDatabases, 'migrations on', (database) => {
  const names = migrations.map(({ name }) => name);

  async function applied(dialect: Dialect): Promise<unknown[]> {
    return (await execute(dialect, 'SELECT name FROM knex_migrations ORDER BY id')).map(({ name }) => name);
  }

  it('run once, in order, when several nodes start at the same time', async () => {
    const url = await database.create();
    const nodes = Array.from({ length: 3 }, () => migrate(database.dialect(url)));
    await Promise.all(nodes);
    await migrate(database.dialect(url));
    assert.deepEqual(await applied(database.dialect(url)), names);
  });

  it('refuse a database that is newer than the program, in words', async () => {
    const dialect = database.dialect(await database.create());
    await migrate(dialect);
    await execute(dialect, "INSERT INTO knex_migrations (name, batch) VALUES ('9999-of-the-future', 2)");
    const error = await migrate(dialect).catch((one) => one);
    assert.ok(error instanceof SchemaError);
    assert.match(error.message, /newer than this program.*9999-of-the-future/);
  });

  it('release the lock that a node which was killed has left behind', async () => {
    const dialect = database.dialect(await database.create());
    const index = database.name === 'PostgreSQL' ? '"index"' : '`index`';
    await execute(dialect, `CREATE TABLE knex_migrations_lock (${index} int, is_locked int)`);
    await execute(dialect, 'INSERT INTO knex_migrations_lock VALUES (1, 1)');
    await migrate(dialect);
    assert.deepEqual(await applied(dialect), names);
  });

  it('wait for another node, with a limit, and no longer than it lives', async () => {
    const dialect = database.dialect(await database.create());
    const other = knexFactory({ ...dialect.knexConnection(), pool: { min: 1, max: 1 } });
    await other.raw('BEGIN');
    assert.equal(await dialect.lockMigrations(async (sql) => other.raw(sql)), true);
    await assert.rejects(migrate(dialect, 0.3), /Another process has been migrating/);
    const waiting = migrate(dialect, 10);
    // The other one dies.
    await other.destroy();
    assert.deepEqual(await waiting, names);
  });

  it('leave nothing behind where one fails, or say what is to be done', async () => {
    const dialect = database.dialect(await database.create());
    await execute(dialect, 'CREATE TABLE objects (something int)');
    const error = await migrate(dialect).catch((one) => one);
    if (database.name === 'PostgreSQL') {
      const tables = await execute(dialect, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
      assert.deepEqual(tables, [{ tablename: 'objects' }]);
    } else {
      assert.ok(error instanceof SchemaError);
      assert.match(error.message, /Restore its backup.*already exists/);
    }
  });
});
