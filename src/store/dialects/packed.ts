import type { Value } from './abilities.ts';

/*
 * Change sets on their way to another thread, as one buffer that is handed over without copying. (Structured cloning of
 * the same lists of lists costs three times as much, and copies the pool behind each small Buffer.)
 *
 *   batch:      change sets
 *   change set: count u32, steps
 *   step:      statement u32, refusal u8, count u32, values
 *   value:     kind u8, then 0 null: nothing; 1 number: f64; 2 bigint: i64; 3 text, 4 bytes: length u32, bytes
 */

/** A step whose statement and refusal are numbers that both threads know. */
export interface PackedStep {
  readonly statement: number;
  readonly refusal: number;
  readonly parameters: readonly Value[];
}

const kinds = { null: 0, number: 1, bigint: 2, text: 3, bytes: 4 } as const;

/** Gathers change sets; keeps its buffer from one batch to the next. */
export class Packer {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #at = 0;

  /** Adds a change set to the batch; leaves the batch as it was where a value cannot be packed. */
  add(steps: readonly PackedStep[]): void {
    const start = this.#at;
    try {
      this.#uint32(steps.length);
      for (const step of steps) this.#step(step);
    } catch (error) {
      this.#at = start;
      throw error;
    }
  }

  /** The batch, in a buffer of its own; the next one begins. */
  take(): ArrayBuffer {
    const packed = new ArrayBuffer(this.#at);
    this.#buffer.copy(new Uint8Array(packed), 0, 0, this.#at);
    this.#at = 0;
    return packed;
  }

  #step({ statement, refusal, parameters }: PackedStep): void {
    this.#uint32(statement);
    this.#byte(refusal);
    this.#uint32(parameters.length);
    for (const value of parameters) this.#value(value);
  }

  #value(value: Value): void {
    if (value === null) this.#byte(kinds.null);
    else if (typeof value === 'number') {
      this.#byte(kinds.number);
      this.#reserve(8);
      this.#at = this.#buffer.writeDoubleLE(value, this.#at);
    } else if (typeof value === 'bigint') {
      this.#byte(kinds.bigint);
      this.#reserve(8);
      this.#at = this.#buffer.writeBigInt64LE(value, this.#at);
    } else if (typeof value === 'string') this.#text(value);
    else this.#bytes(value);
  }

  #text(text: string): void {
    this.#byte(kinds.text);
    this.#reserve(4 + text.length * 3);
    const length = this.#buffer.write(text, this.#at + 4, 'utf8');
    this.#buffer.writeUInt32LE(length, this.#at);
    this.#at += 4 + length;
  }

  #bytes(bytes: Buffer): void {
    this.#byte(kinds.bytes);
    this.#uint32(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  #uint32(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

/** The change sets of a batch. Bytes are views of the buffer. */
export function unpack(packed: ArrayBuffer): readonly (readonly PackedStep[])[] {
  const reader = new Unpacker(Buffer.from(packed));
  const batch: (readonly PackedStep[])[] = [];
  while (!reader.atEnd) batch.push(reader.list(() => reader.step()));
  return batch;
}

class Unpacker {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get atEnd(): boolean {
    return this.#at === this.#buffer.length;
  }

  list<T>(read: () => T): T[] {
    const length = this.#uint32();
    const list: T[] = [];
    for (let i = 0; i < length; i++) list.push(read());
    return list;
  }

  step(): PackedStep {
    return { statement: this.#uint32(), refusal: this.#byte(), parameters: this.list(() => this.#value()) };
  }

  #value(): Value {
    const kind = this.#byte();
    if (kind === kinds.null) return null;
    if (kind === kinds.number) return this.#buffer.readDoubleLE(this.#take(8));
    if (kind === kinds.bigint) return this.#buffer.readBigInt64LE(this.#take(8));
    const length = this.#uint32();
    const at = this.#take(length);
    return kind === kinds.text
      ? this.#buffer.toString('utf8', at, at + length)
      : this.#buffer.subarray(at, at + length);
  }

  #byte(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  #uint32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  /** Moves on; answers where it was. */
  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
