import { migrations } from '../../../schema/migrations.ts';
import { type Archive, type Foundation, RESTORING, type RestoredObject, type Snapshot } from '../archive.ts';
import type { Connection, Dialect, FrozenRows, Row, Step } from '../dialects/abilities.ts';
import type { StoredObject } from '../store.ts';
import { requireEmpty } from './emptiness.ts';
import {
  insertAuditKey,
  insertGeneration,
  insertInstallation,
  readAuditKeys,
  readInstallation,
  readKeyring,
  replaceInstallation,
} from './keyring.ts';
import { SchemaError } from './migrate.ts';
import { insertionSteps } from './objects.ts';
import { auditKeyRow, installationRow, keyringRow, storedColumns, storedObjects } from './rows.ts';

/** Objects whose sizes are asked for at a time; and about how many bytes of them are read at a time. */
const objectsAhead = 256;
const pageBytes = 1024 * 1024;

const readSchema = 'SELECT max(name) AS name FROM knex_migrations';
const readSizes = `SELECT sequence, coalesce(length(object), 0) + length(attributes) AS bytes FROM objects
  WHERE sequence > ? ORDER BY sequence LIMIT ${objectsAhead}`;
const readPage = `SELECT ${storedColumns} FROM objects o LEFT JOIN read_access a ON a.id = o.id
  WHERE o.sequence BETWEEN ? AND ? ORDER BY o.sequence`;

/** The archive of a database whose schema `migrate` has brought up to date. */
export async function openArchive(dialect: Dialect): Promise<Archive> {
  return new SqlArchive(await dialect.open(), dialect);
}

class SqlArchive implements Archive {
  readonly #connection: Connection;
  readonly #dialect: Dialect;

  constructor(connection: Connection, dialect: Dialect) {
    this.#connection = connection;
    this.#dialect = dialect;
  }

  async snapshot(): Promise<Snapshot> {
    const frozen = await this.#connection.freeze();
    try {
      const schema = await schemaOf(frozen);
      const foundation = await foundationOf(frozen);
      return { schema, foundation, objects: () => objectsOf(frozen), end: () => frozen.end() };
    } catch (error) {
      await frozen.end();
      throw error;
    }
  }

  async restore(foundation: Foundation, objects: AsyncIterable<readonly RestoredObject[]>): Promise<void> {
    await requireEmpty(this.#dialect);
    const { installation, keyring, auditKeys } = foundation;
    const { id, revision } = installation;
    const nothing = { parameters: '', wrapped: Buffer.alloc(0), adminToken: null, recovery: null, tag: null };
    const begun = { id, revision: revision - 1, seal: RESTORING, ...nothing };
    await this.#connection.write([
      insertInstallation(begun),
      ...keyring.map(insertGeneration),
      ...auditKeys.map(insertAuditKey),
    ]);
    for await (const page of objects) await this.#connection.write(page.flatMap((one) => this.#insertion(one)));
    const { advance } = this.#dialect.givenSequence;
    const last: Step[] = advance === undefined ? [] : [{ sql: advance, parameters: [] }];
    await this.#connection.write([...last, replaceInstallation(installation)]);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #insertion({ row, grants, index }: RestoredObject): readonly Step[] {
    const { sequence, material, usageLeft, ...columns } = row;
    return insertionSteps(
      { row: columns, material, usageLeft, grants, index },
      sequence,
      this.#dialect.givenSequence.clause,
    );
  }
}

async function schemaOf(frozen: FrozenRows): Promise<string> {
  const [row] = await frozen.rows(readSchema, []);
  const name = String(row?.['name']);
  if (name === migrations.at(-1)?.name) return name;
  throw new SchemaError(`The schema of the database (${name}) is not this program's (${migrations.at(-1)?.name}).`);
}

async function foundationOf(frozen: FrozenRows): Promise<Foundation | undefined> {
  const [row] = await frozen.rows(readInstallation, []);
  if (row === undefined) return undefined;
  return {
    installation: installationRow(row),
    keyring: (await frozen.rows(readKeyring, [])).map(keyringRow),
    auditKeys: (await frozen.rows(readAuditKeys, [])).map(auditKeyRow),
  };
}

async function* objectsOf(frozen: FrozenRows): AsyncIterable<readonly StoredObject[]> {
  let last = 0;
  for (;;) {
    const sizes = await frozen.rows(readSizes, [last]);
    for (const [from, to] of pagesOf(sizes)) {
      yield [...storedObjects(await frozen.rows(readPage, [from, to])).values()];
      last = to;
    }
    if (sizes.length < objectsAhead) return;
  }
}

/** The first and the last insertion number of each page. */
function pagesOf(sizes: readonly Row[]): readonly (readonly [number, number])[] {
  const pages: [number, number][] = [];
  let left = 0;
  for (const size of sizes) {
    const sequence = Number(size['sequence']);
    const bytes = Number(size['bytes']);
    const page = pages.at(-1);
    if (page === undefined || bytes > left) {
      pages.push([sequence, sequence]);
      left = pageBytes;
    } else page[1] = sequence;
    left -= bytes;
  }
  return pages;
}
