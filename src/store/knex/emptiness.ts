import type { Knex } from 'knex';
import { NotEmptyError, RESTORING } from '../archive.ts';
import type { Dialect } from '../dialects/abilities.ts';
import { withKnex } from './with-knex.ts';

const tables = ['keyring', 'audit_keys', 'objects'] as const;

/**
 * Throws NotEmptyError where there is anything in the tables of a database, whatever version of the schema it has. Changes
 * nothing.
 */
export async function requireEmpty(dialect: Dialect): Promise<void> {
  const found = await withKnex(dialect, contentsOf).catch((error) => {
    throw dialect.failure(error);
  });
  if (found !== undefined) throw new NotEmptyError(texts[found]);
}

const texts = {
  part: 'a restore into this database was broken off; begin again with an empty database',
  whole: 'the database is not empty; a backup is restored into an empty one',
} as const;

async function contentsOf(knex: Knex): Promise<keyof typeof texts | undefined> {
  const installation = await firstOf(knex, 'installation');
  if (installation !== undefined) return String(installation['seal']) === RESTORING ? 'part' : 'whole';
  for (const name of tables) if ((await firstOf(knex, name)) !== undefined) return 'whole';
  return undefined;
}

async function firstOf(knex: Knex, table: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  return (await knex.schema.hasTable(table)) ? knex(table).first() : undefined;
}
