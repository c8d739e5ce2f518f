import type { Connection, Row } from '../dialects/abilities.ts';
import { Gathering } from './gathering.ts';
import { readSpendable, spendStep } from './objects.ts';
import { usageLeft } from './rows.ts';

/** Uses counted in one transaction. */
const most = 64;

export interface Use {
  readonly revision: number;
  readonly amount: bigint;
}

/** What was left after a use; undefined where there was not enough, or no limit; `conflict` at another revision. */
export type Spent = bigint | undefined | 'conflict';

/**
 * Counts the uses of objects. Those of one object stand in line for its row, and each would wait for the commit of the one
 * before: those who come meanwhile are counted in one transaction.
 */
export class Spending {
  readonly #connection: Connection;
  readonly #objects = new Map<string, Gathering<Use, Spent>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  spend(id: string, use: Use): Promise<Spent> {
    const uses = this.#objects.get(id) ?? this.#gathering(id);
    this.#objects.set(id, uses);
    return uses.ask(use);
  }

  #gathering(id: string): Gathering<Use, Spent> {
    return new Gathering(
      most,
      (uses) => this.#count(id, uses),
      () => this.#objects.delete(id),
    );
  }

  async #count(id: string, uses: readonly Use[]): Promise<readonly Spent[]> {
    const steps = uses.map(({ revision, amount }) => spendStep(id, revision, amount));
    const results = await this.#connection.write([...steps, readSpendable(id)]);
    const row = results.at(-1) as Row | undefined;
    const revision = row && Number(row['revision']);
    let left = (row && usageLeft(row)) ?? 0n;
    const answers: Spent[] = [];
    // From the last to the first: what was left after a use is what is left now, and what was spent since.
    for (const [index, use] of [...uses.entries()].reverse()) {
      const lowered = results[index] === 1;
      answers.unshift(use.revision === revision ? (lowered ? left : undefined) : 'conflict');
      if (lowered) left += use.amount;
    }
    return answers;
  }
}
