import { Buffer } from 'node:buffer';
import { TtlvError } from './errors.ts';
import { ItemType } from './item.ts';
import { HEADER_BYTES } from './reader.ts';

const NOTHING = Buffer.alloc(0);

/** The least room made for a message that arrives in pieces. */
const LEAST_ROOM = 512;

/**
 * Cuts a stream of bytes into messages. A message is refused by its first eight bytes, before more of it is kept; after an
 * error the stream cannot be followed any more. What is kept never exceeds twice what has really come, whatever a header
 * announces.
 */
export class Framer {
  readonly #tag: number;
  readonly #maxBytes: number;
  /** What has come and was not taken lies from `#start` to `#end` of `#data`. */
  #data: Buffer = NOTHING;
  #start = 0;
  #end = 0;

  /** `tag` is that of the messages to expect, Request Message or Response Message; `maxBytes` is for a whole message. */
  constructor(tag: number, maxBytes: number) {
    this.#tag = tag;
    this.#maxBytes = maxBytes;
  }

  /** The bytes that wait for the rest of their message. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** Takes over a chunk of the stream, of any size; the caller must not write to it afterwards. */
  push(chunk: Buffer): void {
    if (this.pending === 0) {
      this.#data = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    // A chunk that was taken over has no room behind its end, so this never writes into one.
    if (this.#end + chunk.length > this.#data.length) this.#move(chunk.length);
    this.#data.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next whole message, or undefined until there is one: a view of memory that the framer does not write to again.
   * @throws TtlvError `bad-tag`, `bad-type`, `bad-length` or `too-large`, from the header of the message
   */
  next(): Buffer | undefined {
    if (this.pending < HEADER_BYTES) return undefined;
    const length = this.#announced();
    if (this.pending < length) return undefined;
    // Mostly a message comes alone: a view of it would cost more than to cut it off.
    const isAll = this.#start === 0 && length === this.#data.length;
    const message = isAll ? this.#data : this.#data.subarray(this.#start, this.#start + length);
    this.#start += length;
    if (this.pending === 0) this.#data = NOTHING;
    return message;
  }

  /** The length of the first message, from its header. */
  #announced(): number {
    if (this.#data.readUIntBE(this.#start, 3) !== this.#tag) throw new TtlvError('bad-tag', 0, []);
    if (this.#data.readUInt8(this.#start + 3) !== ItemType.Structure) throw new TtlvError('bad-type', 0, [this.#tag]);
    const length = this.#data.readUInt32BE(this.#start + 4);
    if (length % 8 !== 0) throw new TtlvError('bad-length', 0, [this.#tag]);
    if (HEADER_BYTES + length > this.#maxBytes) throw new TtlvError('too-large', 0, [this.#tag]);
    return HEADER_BYTES + length;
  }

  /** Moves what waits to the begin of a buffer that has room for `more` bytes; doubling keeps the whole cost linear. */
  #move(more: number): void {
    const { pending } = this;
    const data = Buffer.allocUnsafeSlow(Math.max(pending + more, pending * 2, LEAST_ROOM));
    this.#data.copy(data, 0, this.#start, this.#end);
    this.#data = data;
    this.#start = 0;
    this.#end = pending;
  }
}
