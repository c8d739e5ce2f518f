import type { Connection, Value } from '../../src/store/dialects/abilities.ts';

/** A question that a store has put to its database. */
export interface Asked {
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** The connection, which tells of every question once it is answered, and how many rows that took. */
export function spied(connection: Connection, spy: (asked: Asked, rows: number) => void): Connection {
  return {
    version: () => connection.version(),
    write: (steps) => connection.write(steps),
    freeze: () => connection.freeze(),
    close: () => connection.close(),
    async rows(sql, parameters) {
      const rows = await connection.rows(sql, parameters);
      spy({ sql, parameters }, rows.length);
      return rows;
    },
  };
}
