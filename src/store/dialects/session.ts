import type { Refusal, Row, Value } from './abilities.ts';

/** What a statement came to. */
export interface Result {
  /** Absent for a statement that reads nothing. */
  readonly rows: readonly Row[] | undefined;
  /** How many rows it inserted, updated (also to what they were) or deleted. */
  readonly changed: number;
}

/** A connection to a database server. Errors are the driver's. */
export interface Session {
  /** False once the connection is lost. */
  readonly usable: boolean;
  /** Statements are done one after the other, in the order in which they were given. */
  run(sql: string, parameters?: readonly Value[]): Promise<Result>;
  /** Takes leave of the server. Never throws. */
  end(): Promise<void>;
  /** Breaks the connection: what is under way fails. */
  abort(): void;
}

/**
 * What an error of the driver tells:
 * - a refusal of the change set;
 * - `again`: the transaction was taken back for the sake of another one, and may do better now;
 * - `lost`: so is the connection, another one may do;
 * - `unavailable`: the database cannot do this at present, over whatever connection;
 * - `mistake`: anything else, an error of this program.
 */
export type Meaning = Refusal | 'again' | 'lost' | 'unavailable' | 'mistake';

/** A database server. */
export interface Server {
  /** A new connection, ready for statements. Throws what the driver throws. */
  connect(): Promise<Session>;
  meaningOf(error: unknown): Meaning;
  /**
   * Whether statements of a transaction may be sent without waiting for the answer to those before: where the server
   * refuses everything after a failure until the transaction is taken back.
   */
  readonly pipelines: boolean;
  /** Statements that begin a reading transaction, all of which sees one moment. */
  readonly freezing: readonly string[];
}

/** The code of a driver's error: an SQLSTATE, a name of the driver's, or one of Node's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
