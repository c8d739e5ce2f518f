interface Waiting<Question, Answer> {
  readonly question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Puts questions together: one asking is under way, and the next is for everybody who came meanwhile. So each answer was
 * found after its question had come.
 */
export class Gathering<Question, Answer> {
  readonly #ask: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  readonly #idle: () => void;
  #gathered: Waiting<Question, Answer>[] = [];
  #underWay = false;

  /**
   * `ask` is given at most `most` questions, and answers each of them in order, or throws what all get. `idle` is told
   * whenever nobody waits any more.
   */
  constructor(most: number, ask: (questions: readonly Question[]) => Promise<readonly Answer[]>, idle = () => {}) {
    this.#most = most;
    this.#ask = ask;
    this.#idle = idle;
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ question, resolve, reject });
      if (!this.#underWay) void this.#askAll();
    });
  }

  async #askAll(): Promise<void> {
    this.#underWay = true;
    while (this.#gathered.length > 0) await this.#askFor(this.#gathered.splice(0, this.#most));
    this.#underWay = false;
    this.#idle();
  }

  async #askFor(waiting: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#ask(waiting.map(({ question }) => question));
      for (const [index, { resolve }] of waiting.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
