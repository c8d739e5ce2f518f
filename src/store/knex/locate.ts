import { setImmediate as turn } from 'node:timers/promises';
import type { Query } from '../../objects/query.ts';
import type { Connection, Row } from '../dialects/abilities.ts';
import { type Lookup, lookupsOf, type Source } from './conditions.ts';
import { join, type Sql } from './sql.ts';

/*
 * A query is answered in windows: the next so many rows of its sources, newest first, and which of them meet all
 * conditions. The work of a window is bounded however many objects there are, and between windows the event loop turns.
 * The sources are those of the condition that finds little, as counted in its index up to a limit.
 * Limits stand in the text, there are few of them: SQLite plans a statement anew whenever a bound LIMIT may have changed.
 */

/** A condition that finds fewer rows than the first is taken without asking the others, then the second. */
const limits = [100, 10_000];

/** Rows in a window: the first is small since most callers want few objects. */
const firstWindow = 64;
const largestWindow = 1024;

const everything: Source = { table: 'objects', where: { text: '1 = 1', parameters: [] }, inOrder: true };

/** See `Store.find`. */
export async function* locate(connection: Connection, query: Query): AsyncIterable<readonly string[]> {
  const lookups = lookupsOf(query);
  const sources = await choose(connection, lookups);
  const test = join(
    lookups.map((lookup) => parenthesised(lookup.test)),
    ' AND ',
  );
  let below = Number.MAX_SAFE_INTEGER;
  for (let size = firstWindow; ; size = Math.min(size * 4, largestWindow)) {
    const { text, parameters } = window(sources, test, below, size);
    const rows = await connection.rows(text, parameters);
    yield rows.flatMap(({ id }) => (id === null ? [] : (id as string)));
    if (rows.length < size) return;
    below = Number(rows.at(-1)?.['sequence']);
    await turn();
  }
}

/** Sources that hold every candidate, and as little else as can be told cheaply. */
async function choose(connection: Connection, lookups: readonly Lookup[]): Promise<readonly Source[]> {
  const only = lookups.length === 1 ? lookups[0] : undefined;
  if (only?.narrow.length && only.narrow.every(({ inOrder }) => inOrder)) return only.narrow;
  for (const limit of limits) {
    for (const { narrow } of lookups) {
      if (narrow.length > 0 && (await count(connection, narrow, limit)) < limit) return narrow;
    }
  }
  return lookups.find(({ walk }) => walk.length > 0)?.walk ?? [everything];
}

/**
 * The rows of the sources, none counted beyond the limit. In order, since PostgreSQL then walks an index and nothing else,
 * whatever it believes to know of the values in the table.
 */
async function count(connection: Connection, sources: readonly Source[], limit: number): Promise<number> {
  const { text, parameters } = union(
    sources.map(({ table, where, inOrder }) => {
      const order = inOrder ? ' ORDER BY d.sequence DESC' : '';
      return {
        text: `SELECT d.sequence FROM ${table} d WHERE ${where.text}${order} LIMIT ${limit}`,
        parameters: where.parameters,
      };
    }),
    'UNION ALL',
  );
  const [row] = await connection.rows(`SELECT count(*) AS n FROM (${text}) AS c`, parameters);
  return Number((row as Row)['n']);
}

/** The newest `size` rows of the sources below a sequence number; `id` is null where a row fails the test. */
function window(sources: readonly Source[], test: Sql, below: number, size: number): Sql {
  const newest = union(
    sources.map((source) => newestOf(source, below, size)),
    'UNION',
  );
  const id = test.text === '' ? 'o.id' : `CASE WHEN ${test.text} THEN o.id END`;
  return {
    // CROSS: the candidates come first, each object by its primary key.
    text: `SELECT o.sequence, ${id} AS id
      FROM (SELECT sequence FROM (${newest.text}) AS s ORDER BY sequence DESC LIMIT ${size}) AS c CROSS JOIN objects o
      WHERE o.sequence = c.sequence ORDER BY o.sequence DESC`,
    parameters: [...test.parameters, ...newest.parameters],
  };
}

/** The sum keeps a database from walking all objects in order in search of the few that are in range. */
function newestOf({ table, where, inOrder }: Source, below: number, size: number): Sql {
  const sequence = inOrder ? 'd.sequence' : '(d.sequence + 0)';
  return {
    text: `SELECT d.sequence FROM ${table} d WHERE ${where.text} AND ${sequence} < ? ORDER BY ${sequence} DESC LIMIT ${size}`,
    parameters: [...where.parameters, below],
  };
}

function union(selects: readonly Sql[], operator: 'UNION' | 'UNION ALL'): Sql {
  const wrapped = selects.map(({ text, parameters }, i) => ({ text: `SELECT * FROM (${text}) AS s${i}`, parameters }));
  return join(wrapped, ` ${operator} `);
}

function parenthesised({ text, parameters }: Sql): Sql {
  return { text: `(${text})`, parameters };
}
