import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dialect } from '../../src/store/dialects/abilities.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { migrate } from '../../src/store/knex/migrate.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import type { Store } from '../../src/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleis-store-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A database file that does not exist yet; gone when the process ends. */
export function newFile(): string {
  return join(folder, `${files++}.db`);
}

/** Every kind of database that these tests reach: each gives an empty one. */
export const databases: Readonly<Record<string, () => Dialect>> = {
  SQLite: () => sqlite(newFile()),
};

/** An empty store in a new database. */
export async function newStore(dialect: Dialect): Promise<Store> {
  await migrate(dialect);
  return openStore(dialect);
}
