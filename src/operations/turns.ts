/**
 * Begins requests that were received in one turn of the event loop together, at its end. What a look at the database tells
 * after that is true for all of them, since all had come before it; so one look serves them all.
 */
export class Turns {
  readonly #begin: () => void;
  #next: PromiseWithResolvers<void> | undefined;

  /** `begin` is called when the requests of a turn are in, and before any of them goes on. */
  constructor(begin: () => void) {
    this.#begin = begin;
  }

  /** Resolves at the end of this turn. */
  end(): Promise<void> {
    if (this.#next === undefined) {
      this.#next = Promise.withResolvers();
      setImmediate(this.#go);
    }
    return this.#next.promise;
  }

  readonly #go = (): void => {
    const next = this.#next;
    this.#next = undefined;
    this.#begin();
    next?.resolve();
  };
}
