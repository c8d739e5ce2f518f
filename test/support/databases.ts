import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, Dialect, Row } from '../../src/store/dialects/abilities.ts';
import { mysql } from '../../src/store/dialects/mysql.ts';
import { postgres } from '../../src/store/dialects/postgres.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { migrate } from '../../src/store/knex/migrate.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseServer, mariadbServer, postgresServer } from './database-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleis-store-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A database file that does not exist yet; gone when the process ends. */
export function newFile(): string {
  return join(folder, `${count++}.db`);
}

/** A kind of database that the tests are for. */
export interface TestDatabase {
  readonly name: string;
  /** Why it is not at hand here, where it is not. */
  readonly missing?: string;
  /** A database without objects. It may be the one that was given before: only one is in use at a time. */
  empty(): Promise<Dialect>;
}

/** A kind of database server. */
export interface TestServerDatabase extends TestDatabase {
  readonly server: DatabaseServer;
  dialect(url: string): Dialect;
  /** The URL of a database that has just been made. */
  create(): Promise<string>;
}

function onServer(server: DatabaseServer, dialect: (url: string) => Dialect, maintenance: string): TestServerDatabase {
  const create = async (): Promise<string> => {
    await server.started();
    const name = `kleis_${count++}`;
    const user = maintenance === 'mysql' ? 'admin' : 'kleis';
    await execute(dialect(server.url(maintenance, { user })), `CREATE DATABASE ${name}`);
    return server.url(name);
  };
  let kept: Promise<string> | undefined;
  return {
    name: server.name,
    server,
    dialect,
    create,
    ...(server.installed ? {} : { missing: `${server.debian} is not installed` }),
    async empty() {
      kept ??= create();
      return emptied(dialect(await kept));
    },
  };
}

export const postgresDatabase = onServer(postgresServer, postgres, 'postgres');
const mariadbDatabase = onServer(mariadbServer, mysql, 'mysql');

/** The database that `$KMS_TEST_MYSQL_URL` names is emptied by every test. */
const mysqlUrl = process.env['KMS_TEST_MYSQL_URL'];

/** The kinds of database servers that the tests can start. */
export const serverDatabases: readonly TestServerDatabase[] = [postgresDatabase, mariadbDatabase];

/** Every kind of database that there is a dialect for. */
export const databases: readonly TestDatabase[] = [
  { name: 'SQLite', empty: async () => sqlite(newFile()) },
  ...serverDatabases,
  {
    name: 'MySQL 8',
    ...(mysqlUrl ? {} : { missing: 'KMS_TEST_MYSQL_URL names none' }),
    empty: () => emptied(mysql(mysqlUrl ?? '')),
  },
];

/** A suite for each kind of database; those that are not at hand are reported as skipped, by name. */
export function describeOn<D extends TestDatabase>(
  kinds: readonly D[],
  title: string,
  suite: (database: D) => void,
): void {
  for (const database of kinds) {
    if (database.missing === undefined) {
      describe(`${title} ${database.name}`, function () {
        // The server is made when it is first needed.
        this.timeout(60_000);
        suite(database);
      });
    } else {
      it.skip(`${title} ${database.name}: ${database.missing}`, () => {});
    }
  }
}

const tables = ['read_access', 'object_values', 'claimed_names', 'objects', 'keyring', 'audit_keys', 'installation'];

async function emptied(dialect: Dialect): Promise<Dialect> {
  await migrate(dialect);
  const connection = await dialect.open();
  await connection.write(tables.map((table) => ({ sql: `DELETE FROM ${table}`, parameters: [] })));
  await connection.close();
  return dialect;
}

/** Runs one statement outside a transaction. */
export async function execute(dialect: Dialect, sql: string): Promise<readonly Row[]> {
  const connection: Connection = await dialect.open();
  try {
    return await connection.rows(sql, []);
  } finally {
    await connection.close();
  }
}

/** An empty store. */
export async function newStore(dialect: Dialect): Promise<Store> {
  await migrate(dialect);
  return openStore(dialect);
}
