import { Client, type ClientConfig } from 'pg';
import type { Value } from './abilities.ts';
import type { Result, Session } from './session.ts';

/** A little less than a caller waits, so that the server gives up first and says why. */
const statementMilliseconds = 9_000;
const farewellMilliseconds = 1_000;

/**
 * How a session is: a transaction sees what others have committed; what is committed is on disk; nobody who hangs or is
 * gone holds locks for long. A stronger `synchronous_commit` stays as the administrator has set it.
 */
const preparation = `
  SET default_transaction_isolation = 'read committed';
  SET statement_timeout = ${statementMilliseconds};
  SET idle_in_transaction_session_timeout = ${statementMilliseconds};
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`;

const inspection = `
  SELECT pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding,
    current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`;

/** What `inspection` finds. */
interface Found {
  readonly standby: boolean;
  readonly encoding: string;
  readonly version: string;
  readonly number: number;
}

/** 14.0, as the server counts its versions. */
const oldest = 140_000;

/** Statements kept prepared on the server; there are as many as there are kinds of queries. */
const statementsKept = 500;

/** A statement as PostgreSQL writes it. */
interface Numbered {
  readonly text: string;
  /** The same on all connections; none for statements that are not kept. */
  readonly name: string | undefined;
}

const numbered = new Map<string, Numbered>();

/** `$1`, `$2`, ... for the question marks: no statement of the store has one in a literal. */
function numberedOf(sql: string): Numbered {
  const known = numbered.get(sql);
  if (known !== undefined) return known;
  let count = 0;
  const text = sql.replace(/\?/g, () => `$${++count}`);
  const kept = numbered.size < statementsKept;
  const one = { text, name: kept ? `kleis${numbered.size}` : undefined };
  if (kept) numbered.set(sql, one);
  return one;
}

/** A connection to PostgreSQL. Integers of 64 bits come as decimal text. */
export class PostgresSession implements Session {
  readonly #client: Client;
  #usable = true;

  /** Throws an error of the driver, or one that says why the server is not a suitable one. */
  static async open(config: ClientConfig): Promise<PostgresSession> {
    const session = new PostgresSession(new Client({ ...config, pipeline: true }));
    try {
      await session.#client.connect();
      await session.#client.query(preparation);
      await session.#inspect();
      return session;
    } catch (error) {
      session.abort();
      throw error;
    }
  }

  private constructor(client: Client) {
    this.#client = client;
    const lost = (): void => {
      this.#usable = false;
    };
    client.on('error', lost);
    client.on('end', lost);
  }

  get usable(): boolean {
    return this.#usable;
  }

  async run(sql: string, parameters: readonly Value[] = []): Promise<Result> {
    const { text, name } = numberedOf(sql);
    const values = [...parameters];
    const { rows, rowCount, fields } = await this.#client.query(
      name === undefined ? { text, values } : { name, text, values },
    );
    return { rows: fields.length > 0 ? rows : undefined, changed: rowCount ?? 0 };
  }

  async end(): Promise<void> {
    const timer = setTimeout(() => this.abort(), farewellMilliseconds);
    if (this.#usable) await this.#client.end().catch(() => {});
    clearTimeout(timer);
    this.#usable = false;
  }

  abort(): void {
    this.#usable = false;
    this.#client.connection.stream.destroy();
  }

  /** A standby lags behind: what it answers may be out of date. */
  async #inspect(): Promise<void> {
    const { rows } = await this.#client.query<Found>(inspection);
    const [found] = rows;
    if (found === undefined) throw new Error('the server does not say what it is');
    const { standby, encoding, version, number } = found;
    if (number < oldest) throw new Error(`the server is PostgreSQL ${version}; nodes need 14 or newer`);
    if (standby) throw new Error('the server is a standby; nodes need the primary server');
    if (encoding !== 'UTF8') throw new Error(`the database has the encoding ${encoding}, not UTF8`);
  }
}
