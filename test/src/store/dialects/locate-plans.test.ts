import assert from 'node:assert/strict';
import type { Query } from '../../../../src/objects/query.ts';
import type { Connection, Dialect } from '../../../../src/store/dialects/abilities.ts';
import { migrate } from '../../../../src/store/knex/migrate.ts';
import { openStore } from '../../../../src/store/knex/sql-store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { ObjectType, State } from '../../../../ttlv/tables/enums.ts';
import { describeOn, execute, serverDatabases, type TestServerDatabase } from '../../../support/databases.ts';
import { conditions, now, visibleTo } from '../../../support/locate.ts';
import { type Asked, spied } from '../../../support/questions.ts';
import { digest, found } from '../../../support/rows.ts';

/** So many that no server prefers to read whole tables. */
const OBJECTS = 30_000;

/** How the servers count from 1 and make a digest, and what they need in order to know what tables hold. */
const dialects: Readonly<Record<string, { readonly numbers: string; digest: string; readonly analyse: string }>> = {
  PostgreSQL: {
    numbers: `generate_series(1, ${OBJECTS}) AS n(i)`,
    digest: `substring(sha256(convert_to('name ' || i, 'UTF8')) FROM 1 FOR 16)`,
    analyse: 'ANALYZE',
  },
  MariaDB: {
    numbers: `(SELECT seq AS i FROM seq_1_to_${OBJECTS}) AS n`,
    digest: `unhex(substr(sha2(concat('name ', i), 256), 1, 32))`,
    analyse: 'ANALYZE TABLE objects, object_values, read_access, keyring',
  },
};

describeOn(serverDatabases, 'Locate on', (database) => {
  const asked: Asked[] = [];
  let connection: Connection;
  let store: Store;

  before(async () => {
    const dialect = database.dialect(await database.create());
    await migrate(dialect);
    await fill(database, dialect);
    connection = await dialect.open();
    store = await openStore({ ...dialect, open: async () => spied(connection, (question) => asked.push(question)) });
  });

  after(() => store.close());

  /** What the server says that it would do for each different statement, as text. */
  async function plans(): Promise<readonly string[]> {
    const different = new Map(asked.splice(0).map((one) => [one.sql, one]));
    const lines: string[] = [];
    for (const { sql, parameters } of different.values()) {
      const rows = await connection.rows(`EXPLAIN ${sql}`, parameters);
      lines.push(...rows.map((row) => planLine(row)));
    }
    return lines;
  }

  it('finds what there is', async () => {
    assert.deepEqual(await found(store, { conditions: [{ kind: 'value', digest: digest('name 7') }] }), ['object 7']);
    assert.deepEqual(await found(store, { conditions: [{ kind: 'state', states: [State.Compromised], now }] }), [
      'object 12',
      'object 11',
    ]);
    asked.splice(0);
  });

  it('looks every condition up in an index, alone and beside any other', async () => {
    for (const one of conditions) {
      for (const other of conditions) await first(store, { conditions: [one, other], visibleTo });
      await first(store, { conditions: [one] });
    }
    const lines = await plans();
    assert.ok(lines.length > 100, `${lines.length} lines`);
    for (const line of lines) assert.doesNotMatch(line, wholeTable, line);
  });

  it('walks everything in order, without reading it all', async () => {
    await first(store, { conditions: [] });
    await first(store, { conditions: [], visibleTo });
    const lines = await plans();
    for (const line of lines) assert.doesNotMatch(line, wholeTable, line);
  });

  it('asks as little about one object of many as about one of few', async () => {
    const query: Query = {
      conditions: [
        { kind: 'type', type: ObjectType.SymmetricKey },
        { kind: 'state', states: [State.PreActive, State.Active], now },
        { kind: 'value', digest: digest('name 7') },
      ],
      visibleTo,
    };
    assert.deepEqual(await found(store, query), ['object 7']);
    assert.ok(asked.splice(0).length <= 3);
  });
});

/** PostgreSQL: `Seq Scan on objects d`. MariaDB: a row of type ALL, or one that reads a whole index. */
const wholeTable = /Seq Scan on|^(ALL|index) /;

/** PostgreSQL gives text, MariaDB a row for each table: how it is read, which it is, by which index. */
function planLine(row: Readonly<Record<string, unknown>>): string {
  const text = row['QUERY PLAN'];
  if (typeof text === 'string') return text;
  const derived = String(row['table']).startsWith('<');
  return derived ? 'derived' : `${row['type']} ${row['table']} ${row['key']} ${row['Extra']}`;
}

/** Reads a first page, as a client does that wants few objects. */
async function first(store: Store, query: Query): Promise<void> {
  for await (const _ of store.find(query)) break;
}

/** Symmetric keys of somebody, granted to somebody else, named by their number; 11 to 16 are compromised, archived, or past their end. */
async function fill({ name }: TestServerDatabase, dialect: Dialect): Promise<void> {
  const { numbers, digest: value, analyse } = dialects[name] ?? { numbers: '', digest: '', analyse: '' };
  const text = (i: string) => (name === 'PostgreSQL' ? `'object ' || ${i}` : `concat('object ', ${i})`);
  const zero = name === 'PostgreSQL' ? `'\\x00'::bytea` : `x'00'`;
  await execute(
    dialect,
    `INSERT INTO keyring (generation, wrapped, created, is_primary, reserved) VALUES (1, ${zero}, 0, 1, 0)`,
  );
  await execute(
    dialect,
    `INSERT INTO objects (id, type, state, owner, revision, generation, algorithm, length, initial_date, archive_date,
       deactivation_date, tag, attributes)
     SELECT ${text('i')}, 2, CASE WHEN i IN (11, 12) THEN 4 ELSE 2 END, 'somebody', 1, 1, 3, 256, i,
       CASE WHEN i IN (13, 14) THEN 7 END, CASE WHEN i IN (15, 16) THEN 9 END, ${zero}, ${zero} FROM ${numbers}`,
  );
  await execute(
    dialect,
    `INSERT INTO object_values (sequence, digest) SELECT o.sequence, ${value} FROM ${numbers} JOIN objects o ON o.id = ${text('i')}`,
  );
  await execute(
    dialect,
    `INSERT INTO read_access (id, userid, permissions, sequence) SELECT id, 'somebody else', 'Get', sequence FROM objects`,
  );
  await execute(dialect, analyse);
}
