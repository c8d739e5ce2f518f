import { access } from 'node:fs/promises';
import { type Settings, settingsTable } from '../config/settings.ts';
import { KmipError } from '../errors.ts';
import { StartError } from '../start-error.ts';
import type { Archive } from '../store/archive.ts';
import type { Dialect } from '../store/dialects/abilities.ts';
import type { Store } from '../store/store.ts';

// Code is loaded where it is needed: the primary and the commands need little of it.

/** The database that the settings choose. Throws StartError, and AddressError where a URL is not one. */
async function openDialect({ postgresUrl, mysqlUrl, userCertPath, databaseFile }: Settings): Promise<Dialect> {
  const certificate = userCertPath === '' ? undefined : userCertPath;
  if (postgresUrl !== '' && mysqlUrl !== '') {
    throw new StartError(`either ${settingsTable.postgresUrl.env} or ${settingsTable.mysqlUrl.env} can be set`);
  }
  if (postgresUrl !== '') return (await import('../store/dialects/postgres.ts')).postgres(postgresUrl, certificate);
  if (mysqlUrl !== '') return (await import('../store/dialects/mysql.ts')).mysql(mysqlUrl, certificate);
  return (await import('../store/dialects/sqlite.ts')).sqlite(databaseFile);
}

/** Throws StartError where there is no database file; a server is asked when the store is opened. */
export async function requireInstallation(settings: Settings): Promise<void> {
  if (!(await isThere(settings))) {
    throw new StartError(`there is no database ${settings.databaseFile}; run \`kleis init\``);
  }
}

/** False where there is no database file. */
async function isThere({ postgresUrl, mysqlUrl, databaseFile }: Settings): Promise<boolean> {
  if (postgresUrl !== '' || mysqlUrl !== '') return true;
  return access(databaseFile).then(
    () => true,
    () => false,
  );
}

/** The database, whose schema `prepareStore` has made. Throws StartError where it cannot be used. */
export async function openStore(settings: Settings): Promise<Store> {
  await requireInstallation(settings);
  const [dialect, knexStore] = await Promise.all([openDialect(settings), import('../store/knex/sql-store.ts')]);
  return knexStore.openStore(dialect).catch(inWords);
}

/** The same database as a whole. Throws as `openStore`. */
export async function openArchive(settings: Settings): Promise<Archive> {
  await requireInstallation(settings);
  const [dialect, knexArchive] = await Promise.all([openDialect(settings), import('../store/knex/archive.ts')]);
  return knexArchive.openArchive(dialect).catch(inWords);
}

/**
 * Makes the database file if there is none, and brings the schema up to date; answers what was lacking.
 * Throws StartError, SchemaError.
 */
export async function prepareStore(settings: Settings): Promise<readonly string[]> {
  const [dialect, { migrate }] = await Promise.all([openDialect(settings), import('../store/knex/migrate.ts')]);
  return migrate(dialect).catch(inWords);
}

/** Throws NotEmptyError where there is anything in the database, whatever version of the schema it has. Changes nothing. */
export async function requireEmpty(settings: Settings): Promise<void> {
  if (!(await isThere(settings))) return;
  const [dialect, emptiness] = await Promise.all([openDialect(settings), import('../store/knex/emptiness.ts')]);
  await emptiness.requireEmpty(dialect).catch(inWords);
}

/** The database in an operator's words. */
export function databaseName({ postgresUrl, mysqlUrl, databaseFile }: Settings): string {
  if (postgresUrl !== '') return `the database of ${settingsTable.postgresUrl.env}`;
  return mysqlUrl === '' ? databaseFile : `the database of ${settingsTable.mysqlUrl.env}`;
}

/** Tells an operator what clients are not told: the driver's words, which hold no password. */
function inWords(error: unknown): never {
  if (!(error instanceof KmipError && error.error === 'store-unavailable')) throw error;
  const { message, code } = error.cause as { message?: string; code?: string };
  throw new StartError(`the database cannot be used: ${message || code}`, { cause: error });
}
