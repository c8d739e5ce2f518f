import assert from 'node:assert/strict';
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
});
