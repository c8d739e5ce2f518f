// The thread that writes: it alone takes SQLite's write lock, and may wait for it. Started by sqlite-queue.ts.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import Database, { type Statement } from 'better-sqlite3';
import type { StepResult } from './abilities.ts';
import { type PackedStep, unpack } from './packed.ts';
import { type Answer, codeOf, failureOf, isBusy, type Request, refusals } from './sqlite-messages.ts';

/** How long to wait for another process's transaction, and how long between two looks. */
const patienceMilliseconds = 10_000;
const pauseMilliseconds = 0.5;

/** What a failed constraint means: a row that exists, a generation that does not. */
const refusalOf: Readonly<Record<string, number>> = {
  SQLITE_CONSTRAINT_PRIMARYKEY: refusals.indexOf('conflict'),
  SQLITE_CONSTRAINT_UNIQUE: refusals.indexOf('conflict'),
  SQLITE_CONSTRAINT_FOREIGNKEY: refusals.indexOf('stale-generation'),
};

/** A change set that cannot be written as things are. */
class Refused extends Error {
  readonly refusal: number;

  constructor(refusal: number) {
    super(refusals[refusal]);
    this.refusal = refusal;
  }
}

class Writer {
  readonly #database: Database.Database;
  readonly #texts: string[] = [];
  readonly #statements: Statement<unknown[]>[] = [];
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  readonly #rollbackTo: Statement;

  constructor(file: string) {
    this.#database = new Database(file, { fileMustExist: true, timeout: 0 });
    patiently(() => this.#database.pragma('journal_mode = WAL'));
    // Durable means: fsync before the answer. The driver's default for WAL is NORMAL, which loses the last commits.
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma('foreign_keys = ON');
    // What a savepoint may have to take back is kept in memory: 20 pages a change set, which would go to a file.
    this.#database.pragma('temp_store = MEMORY');
    // 16 MiB of log before it is copied into the file: pages that change often are copied once.
    this.#database.pragma('wal_autocheckpoint = 4000');
    this.#begin = this.#database.prepare('BEGIN IMMEDIATE');
    this.#commit = this.#database.prepare('COMMIT');
    this.#savepoint = this.#database.prepare('SAVEPOINT change_set');
    this.#release = this.#database.prepare('RELEASE change_set');
    this.#rollbackTo = this.#database.prepare('ROLLBACK TO change_set');
  }

  /** Commits a batch as one transaction; one answer a change set. */
  write({ statements, batch }: Request): readonly Answer[] {
    const changeSets = unpack(batch);
    this.#texts.push(...statements);
    try {
      patiently(() => this.#begin.run());
      const answers = this.#together(changeSets) ?? changeSets.map((steps) => this.#apply(steps));
      this.#commit.run();
      return answers;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      const failed = failureOf(error);
      return changeSets.map(() => failed);
    }
  }

  /**
   * Applies all change sets, as nearly always all can be; else none, and the answer is undefined. In a savepoint SQLite
   * copies each page before it changes: half of what the change itself costs.
   */
  #together(changeSets: readonly (readonly PackedStep[])[]): readonly Answer[] | undefined {
    try {
      return changeSets.map((steps) => this.#results(steps));
    } catch (error) {
      if (!this.#database.inTransaction) throw error;
      this.#database.exec('ROLLBACK');
      patiently(() => this.#begin.run());
      return undefined;
    }
  }

  close(): void {
    this.#database.close();
  }

  #statement(number: number): Statement<unknown[]> {
    const known = this.#statements[number];
    if (known !== undefined) return known;
    const statement = this.#database.prepare<unknown[]>(this.#texts[number] ?? '');
    this.#statements[number] = statement.reader ? statement.safeIntegers() : statement;
    return statement;
  }

  #apply(steps: readonly PackedStep[]): Answer {
    this.#savepoint.run();
    try {
      const results = this.#results(steps);
      this.#release.run();
      return results;
    } catch (error) {
      if (error instanceof Refused) return this.#takeBack(error.refusal);
      // A full disk, for one, may have rolled back everything: then no change set of the batch is written.
      if (!this.#database.inTransaction) throw error;
      return this.#takeBack(refusalOf[codeOf(error) ?? ''] ?? failureOf(error));
    }
  }

  /** Throws Refused where a step changes or finds nothing that has to. */
  #results(steps: readonly PackedStep[]): StepResult[] {
    return steps.map((step) => {
      const result = this.#run(step);
      if (step.refusal !== 0 && (result === undefined || result === 0)) throw new Refused(step.refusal);
      return result;
    });
  }

  #takeBack<A extends Answer>(answer: A): A {
    this.#rollbackTo.run();
    this.#release.run();
    return answer;
  }

  #run({ statement, parameters }: PackedStep): StepResult {
    const prepared = this.#statement(statement);
    return prepared.reader ? (prepared.get(...parameters) as StepResult) : prepared.run(...parameters).changes;
  }
}

/** Tries until no other process is in the way. Waits here rather than in SQLite, which would sleep up to 100 ms at a time. */
function patiently<T>(action: () => T): T {
  const deadline = Date.now() + patienceMilliseconds;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      Atomics.wait(clock, 0, 0, pauseMilliseconds);
    }
  }
}

function serve(port: MessagePort): void {
  let writer: Writer;
  try {
    writer = new Writer((workerData as { file: string }).file);
  } catch (error) {
    port.postMessage([failureOf(error)] satisfies Answer[]);
    return;
  }
  port.on('message', (request: Request | 'close') => {
    if (request !== 'close') return port.postMessage(writer.write(request));
    writer.close();
    port.close();
  });
  port.postMessage([]);
}

if (parentPort !== null) serve(parentPort);
