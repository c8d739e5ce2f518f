import type { Connection } from '../dialects/abilities.ts';
import { sealEpochColumn } from './keyring.ts';
import { marks } from './sql.ts';

/** Objects asked for with one statement. */
const most = 256;

interface Question {
  readonly id: string;
  answer(revision: number | undefined): void;
  fail(error: unknown): void;
}

/**
 * Current revisions, over a network: one question is under way, and the next serves everybody who came meanwhile, so that
 * each answer was read after its caller had asked.
 */
export class Revisions {
  readonly #connection: Pick<Connection, 'rows'>;
  #gathering: Question[] = [];
  #underWay = false;

  constructor(connection: Pick<Connection, 'rows'>) {
    this.#connection = connection;
  }

  /** The revision of an object; undefined where there is none. */
  of(id: string): Promise<number | undefined> {
    return new Promise((answer, fail) => {
      this.#gathering.push({ id, answer, fail });
      if (!this.#underWay) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#underWay = true;
    while (this.#gathering.length > 0) await this.#askFor(this.#gathering.splice(0, most));
    this.#underWay = false;
  }

  async #askFor(questions: readonly Question[]): Promise<void> {
    try {
      const revisions = await this.#read(questions.map(({ id }) => id));
      for (const { id, answer } of questions) answer(revisions.get(id));
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  /** Asks for a power of two of identifiers, the last one repeated, so that few statements serve all numbers. */
  async #read(asked: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const ids = [...new Set(asked)];
    const count = 2 ** Math.ceil(Math.log2(ids.length));
    const padded = [...ids, ...Array<string>(count - ids.length).fill(ids[0] ?? '')];
    const rows = await this.#connection.rows(
      `SELECT id, revision, ${sealEpochColumn} FROM objects WHERE id IN (${marks(count)})`,
      padded,
    );
    return new Map(rows.map(({ id, revision }) => [id as string, Number(revision)]));
  }
}
