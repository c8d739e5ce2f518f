import type { Connection, ConnectionOptions, FieldPacket, TypedParameterValue } from 'mysql2';
import mysql2 from 'mysql2';
import type { Row, Value } from './abilities.ts';
import type { Result, Session } from './session.ts';

const farewellMilliseconds = 1_000;
/** Longer than a connection stays without work, so that the server ends those of nodes that are gone. */
const waitSeconds = 60;
/** A little less than a caller waits, so that the server gives up first and says why. */
const lockSeconds = 9;

/**
 * How a session is: a transaction sees what others have committed; a value that does not fit is an error. MariaDB and MySQL
 * do not agree on the name of the variable for the isolation level.
 */
const preparation = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ${lockSeconds},
    wait_timeout = ${waitSeconds}, autocommit = 1`,
];

/** The oldest version of each kind of server that nodes can use: major and minor number. */
const oldest = { MariaDB: [10, 6], MySQL: [8, 0] } as const;

/** Column types of the protocol that hold text, where they hold bytes (character set 63): `varbinary`. */
const varbinary = 0xfd;
const binaryCharacterSet = 63;

/** Statements that the prepared protocol does not know on all servers, or that are not worth it. */
const control = /^(BEGIN|COMMIT|ROLLBACK|SET|START)\b/;

type Done = (error: Error | null, result: unknown, fields?: readonly FieldPacket[]) => void;

/** A connection to MySQL or MariaDB. Integers that a number cannot hold come as decimal text. */
export class MysqlSession implements Session {
  readonly #connection: Connection;
  /** Those who wait for an answer: the driver forgets them when a connection is broken off. */
  readonly #waiting = new Set<(error: Error) => void>();
  #usable = true;

  /** Throws an error of the driver, or one that says why the server is not a suitable one. */
  static async open(options: ConnectionOptions): Promise<MysqlSession> {
    const session = new MysqlSession(mysql2.createConnection({ ...options, supportBigNumbers: true }));
    try {
      for (const sql of preparation) await session.#query(sql);
      await session.#inspect();
      return session;
    } catch (error) {
      session.abort();
      throw error;
    }
  }

  private constructor(connection: Connection) {
    this.#connection = connection;
    const lost = (): void => {
      this.#usable = false;
    };
    connection.on('error', lost);
    connection.on('end', lost);
  }

  get usable(): boolean {
    return this.#usable;
  }

  run(sql: string, parameters: readonly Value[] = []): Promise<Result> {
    return control.test(sql) ? this.#query(sql) : this.#execute(sql, parameters);
  }

  async end(): Promise<void> {
    if (!this.#usable) return this.abort();
    this.#usable = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, farewellMilliseconds);
      this.#connection.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.abort();
  }

  abort(): void {
    this.#usable = false;
    this.#connection.destroy();
    for (const reject of this.#waiting) reject(new Error('the connection was broken off'));
    this.#waiting.clear();
  }

  async #inspect(): Promise<void> {
    const { rows } = await this.#query('SELECT VERSION() AS version');
    const version = String(rows?.[0]?.['version']);
    const kind = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
    const [major, minor] = oldest[kind];
    const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
    if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
    throw new Error(`the server is ${kind} ${version}; nodes need ${major}.${minor} or newer`);
  }

  #query(sql: string): Promise<Result> {
    return this.#asked((done) => this.#connection.query(sql, done));
  }

  #execute(sql: string, parameters: readonly Value[]): Promise<Result> {
    return this.#asked((done) => this.#connection.execute(sql, parameters.map(typed), done));
  }

  #asked(ask: (done: Done) => unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      ask((error, result, fields) => {
        this.#waiting.delete(reject);
        if (error) reject(error);
        else resolve(resultOf(result, fields));
      });
    });
  }
}

/** Text goes as the bytes that it is compared as; without its type, an integer would go as a floating-point number. */
function typed(value: Value): Buffer | TypedParameterValue | null {
  if (typeof value === 'string') return Buffer.from(value);
  return typeof value === 'number' || typeof value === 'bigint' ? mysql2.TypedParameter.LONGLONG(value) : value;
}

function resultOf(result: unknown, fields: readonly FieldPacket[] | undefined): Result {
  if (!Array.isArray(result)) return { rows: undefined, changed: (result as { affectedRows: number }).affectedRows };
  const texts = (fields ?? []).filter(
    ({ type, characterSet }) => type === varbinary && characterSet === binaryCharacterSet,
  );
  for (const row of result as Record<string, unknown>[]) {
    for (const { name } of texts) {
      const bytes = row[name];
      if (Buffer.isBuffer(bytes)) row[name] = bytes.toString();
    }
  }
  return { rows: result as readonly Row[], changed: 0 };
}
