/** What messages that have not come whole may take on all connections together, at least. */
const LEAST_BYTES = 64 * 1024 * 1024;
/** As many of the largest messages can be under way at once. */
const MESSAGES = 4;

/** Counts the bytes that wait, on all connections of a listener, for the rest of their messages. */
export class Unfinished {
  readonly #most: number;
  #bytes = 0;

  constructor(maxMessageBytes: number) {
    this.#most = Math.max(LEAST_BYTES, MESSAGES * maxMessageBytes);
  }

  /** Whether there still are no more than there may be, once `bytes` have come or, if negative, gone. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#most;
  }
}
