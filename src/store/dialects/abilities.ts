import type { ColumnTypes } from '../../../schema/migration.ts';

/** What a statement takes. */
export type Value = string | number | bigint | Buffer | null;

/** A row that a statement gives. Integers come as number, bigint or decimal text; bytes as Buffer. */
export type Row = Readonly<Record<string, unknown>>;

/** Why a change set is not applied: `store.ts` has an error for each. */
export type Refusal = 'conflict' | 'stale-generation' | 'name-taken';

/** One statement of a change set; `?` stands for a parameter. */
export interface Step {
  readonly sql: string;
  readonly parameters: readonly Value[];
  /** The refusal, where the statement changes (or, when it reads, finds) no row. */
  readonly otherwise?: Refusal;
}

/** What a step came to: the number of rows it changed, or the first row that it read. */
export type StepResult = number | Row | undefined;

/**
 * A database in use. Its failures are `KmipError('store-unavailable')`; anything else that goes wrong is an error of ours.
 */
export interface Connection {
  /** See `Store.version`. */
  version(): number | undefined;
  /** Rows of one reading statement: one snapshot, never waiting for a writer. */
  rows(sql: string, parameters: readonly Value[]): Promise<readonly Row[]>;
  /**
   * Applies a change set, whole or not at all; durable when it resolves. A row that exists already is a `conflict`, a
   * reference to a generation that does not exist `stale-generation`. Throws what there is for a refusal: ConflictError,
   * StaleGenerationError, `duplicate-name`.
   */
  write(steps: readonly Step[]): Promise<readonly StepResult[]>;
  /** Begins a reading that goes on seeing what is committed at a moment after the call, whatever others change meanwhile. */
  freeze(): Promise<FrozenRows>;
  close(): Promise<void>;
}

/** A database as it was at one moment, over a connection of its own. */
export interface FrozenRows {
  /** As `Connection.rows`. Nothing is tried again: a connection that is lost takes the moment along. */
  rows(sql: string, parameters: readonly Value[]): Promise<readonly Row[]>;
  /** Gives the connection up. Never throws. */
  end(): Promise<void>;
}

/** What knex needs in order to connect. */
export interface KnexConnection {
  readonly client: string;
  /** What the driver takes, or what finds it out. */
  readonly connection: Readonly<Record<string, unknown>> | (() => Promise<Record<string, unknown>>);
  readonly useNullAsDefault?: boolean;
}

/** What differs between databases: all that code outside this folder need not know of them. */
export interface Dialect {
  /** For migrations. */
  knexConnection(): KnexConnection;
  readonly columns: ColumnTypes;
  /** Whether a transaction takes back what it did to the schema. */
  readonly transactionalSchema: boolean;
  /**
   * Takes the lock of the migrations with statements run on their connection, inside their transaction where the schema
   * is transactional. The lock dies with the transaction or the connection. False: another process holds it.
   */
  lockMigrations(run: (sql: string) => Promise<unknown>): Promise<boolean>;
  /** What, at its end, makes a reading statement hold its rows against other writers until the change set is applied. */
  readonly lockForShare: string;
  /** An expression: the database's clock in whole seconds since the epoch. */
  readonly clock: string;
  /** How the insertion number is given to a row, rather than assigned by the database. */
  readonly givenSequence: {
    /** Between the columns and VALUES of the INSERT. */
    readonly clause: string;
    /** A statement after which the database assigns larger numbers than those that there are; none where it does by itself. */
    readonly advance?: string;
  };
  /** How an INSERT begins and ends that inserts nothing where the key is there already, once it is certain that it is. */
  readonly insertOnce: { readonly begin: string; readonly end: string };
  /** Whether a statement is a journey to a server and back, so that several questions are best asked by one. */
  readonly roundTrips: boolean;
  /** `store-unavailable`, where an error of the driver tells that; else the error itself, or one of its words. */
  failure(error: unknown): unknown;
  /** Throws `store-unavailable`, with the driver's error as its cause. */
  open(): Promise<Connection>;
}
