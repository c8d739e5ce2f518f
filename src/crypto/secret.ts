import { Buffer } from 'node:buffer';

const hidden = '[secret]';

/**
 * Secret bytes that do not print: neither string conversion, JSON, util.inspect nor structuredClone shows them.
 * The only way out is `expose()`, so that a search for it lists every place that touches them.
 */
export class Secret {
  readonly #bytes: Buffer;
  #wiped = false;

  /** Takes the buffer over: the caller neither keeps nor changes it. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get isWiped(): boolean {
    return this.#wiped;
  }

  /** The bytes themselves, not a copy. Throws once they were wiped. */
  expose(): Buffer {
    if (this.#wiped) throw new Error('the secret was wiped');
    return this.#bytes;
  }

  /** Overwrites the bytes with zeros. Copies that others made remain. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  [Symbol.dispose](): void {
    this.wipe();
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden;
  }
}

/**
 * Zeroed bytes for something secret that is put together. Small arrays lie in the heap of JavaScript, whose collector moves
 * them and leaves copies behind; these do not.
 */
export function secretBytes(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length));
}

/** The text of a secret, for somebody who is to see it this once. Wipes the secret; the text stays until it is collected. */
export function shownText(secret: Secret): string {
  using shown = secret;
  return shown.expose().toString();
}
