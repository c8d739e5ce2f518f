import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { stateAt } from '../../../../src/objects/lifecycle.ts';
import type { Query } from '../../../../src/objects/query.ts';
import { sqlite } from '../../../../src/store/dialects/sqlite.ts';
import { migrate } from '../../../../src/store/knex/migrate.ts';
import { openStore } from '../../../../src/store/knex/sql-store.ts';
import type { RowPut, Store } from '../../../../src/store/store.ts';
import { CryptographicAlgorithm, ObjectType, State } from '../../../../ttlv/tables/enums.ts';
import { databases, describeOn, newFile, newStore } from '../../../support/databases.ts';
import { conditions, now, visibleTo } from '../../../support/locate.ts';
import { type Asked, spied } from '../../../support/questions.ts';
import { digest, found, generation, installation, put } from '../../../support/rows.ts';

describeOn(databases, 'the effective state in the SQL of', (database) => {
  const dates = [undefined, 1, 2, 3];
  const written = Object.values(State);
  let store: Store;
  let rows: readonly (RowPut & { index: { dates: { ActivationDate?: number; DeactivationDate?: number } } })[];

  before(async () => {
    store = await newStore(await database.empty());
    await store.initialise(installation, generation(1));
    const combinations = written.flatMap((state) => dates.flatMap((on) => dates.map((off) => ({ state, on, off }))));
    rows = combinations.map(({ state, on, off }) => {
      const index = { dates: { ...(on && { ActivationDate: on }), ...(off && { DeactivationDate: off }) } };
      return { ...put(`${state}, on ${on}, off ${off}`, { state }), index: { ...put('').index, ...index } };
    });
    await store.commit({ puts: rows });
  });
  after(() => store.close());

  it('is the one of the lifecycle, for every written state and all dates at any time', async () => {
    for (const now of [0, 1, 2, 3, 4]) {
      for (const state of written) {
        const expected = rows
          .filter(({ row, index: { dates } }) => {
            const moves = { activation: dates.ActivationDate, deactivation: dates.DeactivationDate };
            return stateAt(row.state as State, moves, now) === state;
          })
          .map(({ row }) => row.id);
        const actual = await found(store, { conditions: [{ kind: 'state', states: [state], now }] });
        assert.deepEqual(actual, expected.toReversed(), `state ${state} at ${now}`);
      }
    }
  });
});

describe('Locate on SQLite', () => {
  afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

  it('looks every condition up in an index', async () => {
    const { store, asked, explain } = await withObjects(300);
    for (const condition of conditions) {
      asked.length = 0;
      await found(store, { conditions: [condition] });
      for (const one of asked) {
        const plan = explain(one);
        const what = `${JSON.stringify(condition)}: ${plan.join('; ')}`;
        assert.ok(
          plan.some((line) => /^SEARCH d USING (COVERING )?INDEX/.test(line)),
          what,
        );
        assert.ok(!plan.some((line) => scanned.test(line)), what);
      }
    }
  });

  it('never scans a table, whatever is combined', async () => {
    const { store, asked, explain } = await withObjects(300);
    for (const one of conditions) {
      for (const other of conditions) await found(store, { conditions: [one, other], visibleTo });
    }
    await found(store, { conditions: [], visibleTo });
    await found(store, { conditions: [] });
    const lines = [...new Set(asked.map(({ sql }) => sql))].flatMap((sql) =>
      explain(asked.find((one) => one.sql === sql)),
    );
    assert.ok(lines.length > 100);
    for (const line of lines) assert.doesNotMatch(line, scanned);
  });

  it('does as much for few objects as for many', async () => {
    const [few, many] = [await withObjects(300), await withObjects(30_000)];
    const queries: Record<string, Query> = {
      'by name': { conditions: [{ kind: 'value', digest: digest('name 7') }] },
      'by name and what all objects have': {
        conditions: [
          { kind: 'type', type: ObjectType.SymmetricKey },
          { kind: 'algorithm', algorithm: CryptographicAlgorithm.AES },
          { kind: 'state', states: [State.PreActive, State.Active], now },
          { kind: 'value', digest: digest('name 7') },
        ],
        visibleTo,
      },
      'by a state that few have': { conditions: [{ kind: 'state', states: [State.Compromised], now }], visibleTo },
      'by a date that few have': {
        conditions: [
          { kind: 'length', length: 256 },
          { kind: 'date', attribute: 'ArchiveDate', from: 0, to: now },
        ],
      },
      'by a state that a date has led to': { conditions: [{ kind: 'state', states: [State.Deactivated], now }] },
    };
    for (const [what, query] of Object.entries(queries)) {
      const [work, workOfMany] = [await workOf(few, query), await workOf(many, query)];
      assert.deepEqual(workOfMany, work, what);
      assert.ok(work.found.length > 0, what);
    }
  });

  it('gives the first page of a large answer without reading the rest', async () => {
    const { store, asked, rows } = await withObjects(30_000);
    for await (const page of store.find({ conditions: [{ kind: 'type', type: ObjectType.SymmetricKey }], visibleTo })) {
      assert.equal(page[0], 'object 30000');
      break;
    }
    assert.ok(rows() < 100, `${rows()} rows`);
    assert.ok(asked.length < 10, `${asked.length} statements`);
  });

  it('lets the event loop turn between windows', async () => {
    const { store } = await withObjects(30_000);
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const ids = await found(store, {
      conditions: [
        { kind: 'length', length: 256 },
        { kind: 'length', length: 1 },
      ],
    });
    done = true;
    assert.deepEqual(ids, []);
    const all = await found(store, { conditions: [{ kind: 'length', length: 256 }] });
    assert.equal(all.length, 30_000);
    assert.ok(turns > 0);
  });
});

/** Stores to be closed after the test. */
const opened: Store[] = [];

/** A whole table, by the aliases that the store gives to them. */
const scanned = /^SCAN [dova]\b/;

/** A store of so many objects alike, a few of them special, that tells what it asks of the database. */
async function withObjects(count: number) {
  const file = newFile();
  const asked: Asked[] = [];
  let read = 0;
  const spy = (question: Asked, rows: number): void => {
    asked.push(question);
    read += rows;
  };
  const dialect = sqlite(file);
  await migrate(dialect);
  fill(file, count);
  const store = await openStore({ ...dialect, open: async () => spied(await dialect.open(), spy) });
  opened.push(store);
  const database = new Database(file, { readonly: true });
  const explain = (one: Asked | undefined): readonly string[] => {
    const plan = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${one?.sql}`);
    return plan.all(...(one?.parameters ?? [])).map(({ detail }) => detail);
  };
  return { store, asked, explain, rows: () => read };
}

async function workOf({ store, asked, rows }: Awaited<ReturnType<typeof withObjects>>, query: Query) {
  const [statements, before] = [asked.length, rows()];
  const ids = await found(store, query);
  return { found: ids, statements: asked.slice(statements).map(({ sql }) => sql), rows: rows() - before };
}

/** Symmetric keys of somebody, named by their number; 11 to 19 are compromised, archived, or past their end. */
function fill(file: string, count: number): void {
  const database = new Database(file);
  database.exec(`
    INSERT INTO keyring VALUES (1, x'00', 0, 1, 0);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO objects (id, type, state, owner, revision, generation, algorithm, length, initial_date, archive_date,
      deactivation_date, tag, attributes)
    SELECT 'object ' || i, 2, iif(i IN (11, 12), 4, 2), 'somebody', 1, 1, 3, 256, i, iif(i IN (13, 14), 7, NULL),
      iif(i IN (15, 16), 9, NULL), x'00', x'00' FROM n;
  `);
  const insert = database.prepare('INSERT INTO object_values (sequence, digest) VALUES (?, ?)');
  database.transaction(() => {
    for (let i = 1; i <= count; i++) insert.run(i, digest(`name ${i}`));
  })();
  database.close();
}
