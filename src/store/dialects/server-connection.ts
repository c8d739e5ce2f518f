import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, FrozenRows, Row, Step, StepResult, Value } from './abilities.ts';
import { failure, refused } from './failures.ts';
import { Pool } from './pool.ts';
import type { Meaning, Result, Server, Session } from './session.ts';

/**
 * Few connections are enough: the database gathers what several of them commit at the same moment into one flush. The
 * server's own limits, of 100 connections and more, are for all processes of all nodes.
 */
const limits = { sessions: 10, patience: 10_000, idle: 30_000 };

/** How often a change set or a reading is tried, where another transaction or a lost connection was in the way. */
const attempts = 8;
/** The longest pause before the second attempt; it doubles with each further one. */
const pauseMilliseconds = 4;

/** How far a transaction came. */
interface Progress {
  /** From here on, a lost connection leaves open whether it was committed. */
  committing: boolean;
}

/** A database server in use, over several connections that are re-established when they are lost. */
export class ServerConnection implements Connection {
  readonly #server: Server;
  readonly #pool: Pool;

  /** Throws `store-unavailable` where the server cannot be reached. */
  static async open(server: Server): Promise<Connection> {
    const connection = new ServerConnection(server);
    try {
      await connection.#pool.use(async () => {});
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  private constructor(server: Server) {
    this.#server = server;
    this.#pool = new Pool(server, limits);
  }

  /** There is no look that costs less than a question. */
  version(): undefined {
    return undefined;
  }

  rows(sql: string, parameters: readonly Value[]): Promise<readonly Row[]> {
    return this.#patiently(async (session) => (await session.run(sql, parameters)).rows ?? []);
  }

  write(steps: readonly Step[]): Promise<readonly StepResult[]> {
    return this.#patiently((session, progress) => this.#transaction(session, steps, progress));
  }

  /** Not one of the pool, which gives nobody a connection for so long. */
  async freeze(): Promise<FrozenRows> {
    const session = await this.#inWords(() => this.#server.connect());
    try {
      for (const sql of this.#server.freezing) await this.#inWords(() => session.run(sql));
    } catch (error) {
      session.abort();
      throw error;
    }
    return {
      rows: async (sql, parameters) => (await this.#inWords(() => session.run(sql, parameters))).rows ?? [],
      end: () => session.end(),
    };
  }

  async #inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw failure(error, this.#server.meaningOf(error));
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #patiently<T>(work: (session: Session, progress: Progress) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const progress: Progress = { committing: false };
      try {
        return await this.#pool.use((session) => this.#watched(session, () => work(session, progress)));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const repeatable = error.meaning === 'again' || (error.meaning === 'lost' && !progress.committing);
        if (!repeatable || attempt === attempts) throw failure(error.cause, error.meaning);
      }
      await sleep(Math.random() * pauseMilliseconds * 2 ** attempt);
    }
  }

  /** Gives up a connection over which the database cannot be used: another one may lead to another server. */
  async #watched<T>(session: Session, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused) throw refused(error.refusal);
      const meaning = this.#server.meaningOf(error);
      if (meaning === 'lost' || meaning === 'unavailable') session.abort();
      throw new Failure(meaning, error);
    }
  }

  async #transaction(session: Session, steps: readonly Step[], progress: Progress): Promise<readonly StepResult[]> {
    try {
      const results = this.#server.pipelines ? await sentTogether(session, steps) : await inTurn(session, steps);
      progress.committing = true;
      await session.run('COMMIT');
      return results;
    } catch (error) {
      // Where it fails, so does the connection, and the server takes the transaction back by itself.
      await session.run('ROLLBACK').catch(() => session.abort());
      throw error;
    }
  }
}

/** An error of the driver, and what it means. */
class Failure extends Error {
  readonly meaning: Meaning;

  constructor(meaning: Meaning, cause: unknown) {
    super('the database failed', { cause });
    this.meaning = meaning;
  }
}

/** A step found nothing. */
class Refused extends Error {
  readonly refusal: NonNullable<Step['otherwise']>;

  constructor(refusal: NonNullable<Step['otherwise']>) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** One journey to the server and back, however many steps. The first failure is the cause of the others. */
async function sentTogether(session: Session, steps: readonly Step[]): Promise<readonly StepResult[]> {
  const begun = session.run('BEGIN');
  const running = steps.map(({ sql, parameters }) => session.run(sql, parameters));
  const [, ...outcomes] = await Promise.allSettled([begun, ...running]);
  await begun;
  return outcomes.map((one, index) => {
    if (one.status === 'rejected') throw one.reason;
    return resultOf(one.value, steps[index]);
  });
}

async function inTurn(session: Session, steps: readonly Step[]): Promise<readonly StepResult[]> {
  await session.run('BEGIN');
  const results: StepResult[] = [];
  for (const step of steps) results.push(resultOf(await session.run(step.sql, step.parameters), step));
  return results;
}

function resultOf({ rows, changed }: Result, step: Step | undefined): StepResult {
  const result = rows === undefined ? changed : rows[0];
  if (step?.otherwise !== undefined && (result === undefined || result === 0)) throw new Refused(step.otherwise);
  return result;
}
