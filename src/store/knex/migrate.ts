import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { type Migration, migrations } from '../../../schema/migrations.ts';
import type { Dialect } from '../dialects/abilities.ts';
import { withKnex } from './with-knex.ts';

/** The schema cannot be brought up to date; the message says why in an operator's words. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

const retryMilliseconds = 100;

/**
 * Brings the schema up to date. One process at a time does; others wait up to `patience` seconds for it.
 * Answers the names of the migrations that it ran. Throws SchemaError when that was not enough, or when the database was
 * written by a newer program; `store-unavailable`.
 */
export async function migrate(dialect: Dialect, patience = 60): Promise<readonly string[]> {
  try {
    return await withKnex(dialect, (knex) => migrateInTurn(knex, dialect, patience));
  } catch (error) {
    throw error instanceof SchemaError ? error : dialect.failure(error);
  }
}

async function migrateInTurn(knex: Knex, dialect: Dialect, patience: number): Promise<readonly string[]> {
  if ((await pending(knex)).length === 0) return [];
  const deadline = Date.now() + patience * 1000;
  for (;;) {
    const done = await attempt(knex, dialect);
    if (done !== undefined) return done;
    if (Date.now() > deadline) {
      throw new SchemaError(`Another process has been migrating the database for more than ${patience} s.`);
    }
    await sleep(retryMilliseconds);
  }
}

/** Migrates, unless another process holds the lock: then it answers undefined. */
async function attempt(knex: Knex, dialect: Dialect): Promise<readonly string[] | undefined> {
  const work = async (connection: Knex): Promise<readonly string[] | undefined> => {
    if (!(await dialect.lockMigrations(async (sql) => connection.raw(sql)))) return undefined;
    // knex's own lock is a row that outlives a crash. Under the real one nobody can be holding it.
    await connection.migrate.forceFreeMigrationsLock();
    const lacking = await pending(connection);
    await run(connection, dialect);
    return lacking.map(({ name }) => name);
  };
  return dialect.transactionalSchema ? knex.transaction(work) : work(knex);
}

async function run(connection: Knex, dialect: Dialect): Promise<void> {
  const options = { migrationSource: source(dialect), disableTransactions: !dialect.transactionalSchema };
  try {
    await connection.migrate.latest(options);
  } catch (error) {
    if (dialect.transactionalSchema || dialect.failure(error) !== error) throw error;
    const remedy = 'Restore its backup; where it is new, make it anew.';
    const what =
      'A migration was interrupted, now or before, and this kind of database does not take back half of one.';
    throw new SchemaError(`${what} ${remedy} It says: ${(error as Error).message}`, { cause: error });
  }
}

/** Migrations that the database lacks. Throws SchemaError when it has one that this program does not know. */
async function pending(knex: Knex): Promise<readonly Migration[]> {
  const done = (await knex.schema.hasTable('knex_migrations')) ? await knex('knex_migrations').select('name') : [];
  const names = new Set(done.map((row: { name: string }) => row.name));
  const known = new Set(migrations.map(({ name }) => name));
  const newer = [...names].find((name) => !known.has(name));
  if (newer !== undefined) {
    throw new SchemaError(`The database is newer than this program, which does not know its migration ${newer}.`);
  }
  return migrations.filter(({ name }) => !names.has(name));
}

function source({ columns }: Dialect): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => [...migrations],
    getMigrationName: ({ name }) => name,
    getMigration: async ({ up }) => ({
      up: (knex) => up(knex, columns),
      down: () => Promise.reject(new SchemaError('Migrations are not taken back.')),
    }),
  };
}
