import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Database, { type Statement } from 'better-sqlite3';
import type { Connection, Dialect, FrozenRows, KnexConnection, Row, Step, StepResult, Value } from './abilities.ts';
import { errorOf, failureOf, isBusy } from './sqlite-messages.ts';
import { WriteQueue } from './sqlite-queue.ts';
import { WalIndex } from './wal-index.ts';

/** "klei": marks a file as Kleis' in its header. */
const applicationId = 0x6b6c6569;

/** Prepared statements kept; there are as many as there are kinds of queries. */
const statementsKept = 500;

/** Reading waits, without blocking, while another process recovers the file after a crash. */
const attempts = 200;
const pauseMilliseconds = 10;

/** The dialect for a database file, which `migrate` creates. */
export function sqlite(file: string): Dialect {
  return {
    knexConnection: () => knexConnection(file),
    columns: {
      sequence: 'integer primary key autoincrement',
      integer: 'integer',
      text: 'text',
      longText: 'text',
      digest: 'blob',
      bytes: 'blob',
      clustered: 'without rowid',
    },
    transactionalSchema: true,
    lockMigrations,
    // There is one writer at a time.
    lockForShare: '',
    clock: 'unixepoch()',
    givenSequence: { clause: '' },
    insertOnce: { begin: 'INSERT', end: ' ON CONFLICT DO NOTHING' },
    roundTrips: false,
    failure: (error) => errorOf(failureOf(error)),
    open: () => SqliteConnection.open(file),
  };
}

function knexConnection(file: string): KnexConnection {
  // The files beside it (WAL, shared memory) get the same mode.
  closeSync(openSync(file, 'a', 0o600));
  return { client: 'better-sqlite3', connection: { filename: file }, useNullAsDefault: true };
}

/** The first statement of a transaction takes the lock by writing; SQLite has no other way that knex knows. */
async function lockMigrations(run: (sql: string) => Promise<unknown>): Promise<boolean> {
  try {
    await run('PRAGMA busy_timeout = 0');
    await run(`PRAGMA application_id = ${applicationId}`);
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

class SqliteConnection implements Connection {
  readonly #database: Database.Database;
  readonly #queue: WriteQueue;
  readonly #dataVersion: Statement<unknown[], number>;
  readonly #index: WalIndex;
  #version: number | undefined;
  readonly #statements = new Map<string, Statement<unknown[], Row>>();

  private constructor(database: Database.Database, queue: WriteQueue) {
    this.#database = database;
    this.#queue = queue;
    this.#dataVersion = database.prepare<unknown[], number>('PRAGMA data_version').pluck();
    // The writer, which opened the database first, has made the file.
    this.#index = new WalIndex(database.name);
  }

  /** The writer opens the file first: it turns the write-ahead log on and recovers it after a crash. */
  static async open(file: string): Promise<Connection> {
    const queue = await WriteQueue.open(file);
    try {
      return new SqliteConnection(new Database(file, { readonly: true, timeout: 0 }), queue);
    } catch (error) {
      await queue.close();
      throw errorOf(failureOf(error));
    }
  }

  version(): number | undefined {
    if (this.#index.changed() || this.#version === undefined) this.#version = this.#readVersion();
    return this.#version;
  }

  #readVersion(): number | undefined {
    try {
      return this.#dataVersion.get();
    } catch {
      return undefined;
    }
  }

  rows(sql: string, parameters: readonly Value[]): Promise<readonly Row[]> {
    return patiently(() => this.#statement(sql).all(...parameters));
  }

  /** The transaction sees the moment of its first statement. */
  freeze(): Promise<FrozenRows> {
    return patiently(() => {
      const database = new Database(this.#database.name, { readonly: true, timeout: 0 });
      try {
        database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
        const all = (sql: string, parameters: readonly Value[]): readonly Row[] =>
          database
            .prepare<unknown[], Row>(sql)
            .safeIntegers()
            .all(...parameters);
        return {
          rows: (sql, parameters) => patiently(() => all(sql, parameters)),
          end: async () => void database.close(),
        };
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  write(steps: readonly Step[]): Promise<readonly StepResult[]> {
    return this.#queue.write(steps);
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#index.close();
    this.#database.close();
  }

  #statement(sql: string): Statement<unknown[], Row> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= statementsKept) this.#statements.clear();
    const statement = this.#database.prepare<unknown[], Row>(sql).safeIntegers();
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Reads; tries again while another process is in the way. */
async function patiently<T>(read: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return read();
    } catch (error) {
      if (!isBusy(error) || attempt === attempts) throw errorOf(failureOf(error));
      await sleep(pauseMilliseconds);
    }
  }
}
