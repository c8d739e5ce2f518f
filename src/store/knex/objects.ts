import { type DateAttribute, dateAttributes } from '../../objects/query.ts';
import type { Step, Value } from '../dialects/abilities.ts';
import type { GrantRow, IndexEntries, RowChanges, RowPut } from '../store.ts';
import { sealEpochColumn, sealEpochCondition } from './keyring.ts';
import { dateColumns, storedColumns } from './rows.ts';
import { marks } from './sql.ts';

/**
 * Reads objects by identifier. One is asked for with IN as well: joined by an equality, SQLite plans the statement anew for
 * each identifier (its STAT4 statistics), which costs five times the reading.
 */
export function readObjects(count: number): string {
  return `SELECT ${storedColumns} FROM objects o LEFT JOIN read_access a ON a.id = o.id WHERE o.id IN (${marks(count)})`;
}

/** Reads one object. */
export const readObject = readObjects(1);

export const readRevision = `SELECT revision, ${sealEpochColumn} FROM objects WHERE id = ?`;

/** The columns of every write but those that may stay as they are. */
const columns = [
  'type',
  'state',
  'owner',
  'revision',
  'generation',
  'algorithm',
  'length',
  ...dateAttributes.map((name) => dateColumns[name]),
  'tag',
  'attributes',
];

/** The statements that write a change set; `lockForShare` as in `Dialect`. */
export function changeSteps(changes: RowChanges, lockForShare: string): readonly Step[] {
  const { puts, primaryGeneration, sealEpoch } = changes;
  const steps: Step[] = [];
  const unsealed = sealEpochCondition(sealEpoch);
  if (primaryGeneration !== undefined) {
    const sql = `SELECT generation FROM keyring WHERE generation = ? AND is_primary = 1${unsealed.sql}${lockForShare}`;
    steps.push({ sql, parameters: [primaryGeneration, ...unsealed.given], otherwise: 'stale-generation' });
  }
  for (const put of puts) {
    // Whatever is inserted is sealed under the primary generation, and so the condition was in the statement above.
    const current = steps.length === 0 ? unsealed : sealEpochCondition(undefined);
    steps.push(...(put.expected === undefined ? insertion(put) : update(put, put.expected, current)));
  }
  return steps;
}

function values({ row, index }: RowPut): readonly Value[] {
  return [
    row.type,
    row.state,
    row.owner,
    row.revision,
    row.generation,
    index.algorithm,
    index.length,
    ...dateAttributes.map((name: DateAttribute) => index.dates[name] ?? null),
    row.tag,
    row.attributes,
  ];
}

const inserted = ['id', ...columns, 'usage_left', 'object'];
const insertObject = `INSERT INTO objects (${inserted.join(', ')}) VALUES (${marks(inserted.length)})`;

function insertion(put: RowPut): readonly Step[] {
  return [{ sql: insertObject, parameters: insertedValues(put), otherwise: 'conflict' }, ...dependents(put)];
}

/** The statements that insert a row under a given insertion number; `clause` as in `Dialect.givenSequence`. */
export function insertionSteps(put: RowPut, sequence: number, clause: string): readonly Step[] {
  const sql = `INSERT INTO objects (sequence, ${inserted.join(', ')}) ${clause} VALUES (${marks(inserted.length + 1)})`;
  return [{ sql, parameters: [sequence, ...insertedValues(put)], otherwise: 'conflict' }, ...dependents(put)];
}

function insertedValues(put: RowPut): readonly Value[] {
  return [put.row.id, ...values(put), put.usageLeft ?? null, put.material ?? null];
}

/** Rows of other tables that hang on an inserted object. */
function dependents({ row: { id }, index, grants }: RowPut): readonly Step[] {
  const values = distinct(index).map((digest) => ({ sql: insertValue, parameters: [digest, id] }));
  return [...values, ...grantSteps(id, grants)];
}

function update(put: RowPut, expected: number, unsealed: ReturnType<typeof sealEpochCondition>): readonly Step[] {
  const { id } = put.row;
  const optional: [string, Value][] = [];
  if (put.usageLeft !== undefined) optional.push(['usage_left', put.usageLeft]);
  if (put.material !== undefined) optional.push(['object', put.material]);
  const set = [...columns, ...optional.map(([name]) => name)].map((name) => `${name} = ?`).join(', ');
  const given = optional.map(([, value]) => value);
  return [
    {
      sql: `UPDATE objects SET ${set} WHERE id = ? AND revision = ?${unsealed.sql}`,
      parameters: [...values(put), ...given, id, expected, ...unsealed.given],
      otherwise: 'conflict',
    },
    ...valueSteps(id, distinct(put.index)),
    { sql: 'DELETE FROM read_access WHERE id = ?', parameters: [id] },
    ...grantSteps(id, put.grants),
  ];
}

const insertValue = 'INSERT INTO object_values (digest, sequence) SELECT ?, sequence FROM objects WHERE id = ?';
const insertMissingValue = `INSERT INTO object_values (digest, sequence) SELECT ?, o.sequence FROM objects o WHERE o.id = ?
  AND NOT EXISTS (SELECT 1 FROM object_values v WHERE v.sequence = o.sequence AND v.digest = ?)`;
const deleteValues = 'DELETE FROM object_values WHERE sequence = (SELECT sequence FROM objects WHERE id = ?)';

/** More values than this are all written anew. */
const comparedValues = 100;

/** Makes the values of an object what they shall be; those that stay are not touched. */
function valueSteps(id: string, digests: readonly Buffer[]): readonly Step[] {
  const kept = digests.length <= comparedValues ? digests : [];
  const others = kept.length > 0 ? ` AND digest NOT IN (${marks(kept.length)})` : '';
  return [
    { sql: `${deleteValues}${others}`, parameters: [id, ...kept] },
    ...digests.map((digest) => ({ sql: insertMissingValue, parameters: [digest, id, digest] })),
  ];
}

const insertGrant = `INSERT INTO read_access (userid, permissions, id, sequence)
  SELECT ?, ?, id, sequence FROM objects WHERE id = ?`;

function grantSteps(id: string, grants: readonly GrantRow[]): readonly Step[] {
  return grants.map(({ userid, permissions }) => ({ sql: insertGrant, parameters: [userid, permissions, id] }));
}

function distinct({ values }: IndexEntries): readonly Buffer[] {
  if (values.length < 2) return values;
  return [...new Map(values.map((digest) => [digest.toString('latin1'), digest])).values()];
}

/** Lowers a count, where it suffices and the revision is the one given. */
export function spendStep(id: string, revision: number, amount: bigint): Step {
  return {
    sql: 'UPDATE objects SET usage_left = usage_left - ? WHERE id = ? AND revision = ? AND usage_left >= ?',
    parameters: [amount, id, revision, amount],
  };
}

/** Tells how things are then. */
export function readSpendable(id: string): Step {
  return { sql: 'SELECT revision, usage_left FROM objects WHERE id = ?', parameters: [id] };
}
