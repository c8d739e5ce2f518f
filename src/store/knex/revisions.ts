import type { Connection } from '../dialects/abilities.ts';
import { Gathering } from './gathering.ts';
import { sealEpochColumn } from './keyring.ts';
import { marks } from './sql.ts';

/** Objects asked for with one statement. */
const most = 256;

/** Tells the current revisions of objects, or undefined where there is none: over a network, asked for together. */
export function revisionsOver(connection: Pick<Connection, 'rows'>): Gathering<string, number | undefined> {
  return new Gathering(most, async (ids) => {
    const revisions = await read(connection, [...new Set(ids)]);
    return ids.map((id) => revisions.get(id));
  });
}

/** Asks for a power of two of identifiers, the first one repeated, so that few statements serve all numbers. */
async function read({ rows }: Pick<Connection, 'rows'>, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const count = 2 ** Math.ceil(Math.log2(ids.length));
  const padded = [...ids, ...Array<string>(count - ids.length).fill(ids[0] ?? '')];
  const sql = `SELECT id, revision, ${sealEpochColumn} FROM objects WHERE id IN (${marks(count)})`;
  return new Map((await rows(sql, padded)).map(({ id, revision }) => [id as string, Number(revision)]));
}
