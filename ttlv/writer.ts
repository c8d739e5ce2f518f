import { Buffer } from 'node:buffer';
import { type Item, type ItemOf, ItemType, type ItemValues } from './item.ts';
import { HEADER_BYTES } from './reader.ts';

const INITIAL_BYTES = 4096;

/** A buffer that one large message has grown beyond this is given back by `reset()`. */
const KEPT_BYTES = 64 * 1024;

/** Byte Strings up to this length are copied byte by byte: a call of a native function costs more. */
const SHORT = 48;

/** What a UTF-16 unit takes at most. */
const MOST_UTF8_BYTES = 3;

/** The most that is needed behind a value. */
const PADDING = 7;

/**
 * A growing buffer of items (KMIP 2.1, 10.1), used again for one message after the other: `reset()`, any of the
 * `write...` methods, `finish()`. Values that the type cannot hold are a RangeError: a mistake of the caller.
 */
export class Writer {
  #buffer: Buffer = Buffer.alloc(INITIAL_BYTES);
  #view = viewOf(this.#buffer);
  #length = 0;

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#replace(Buffer.alloc(INITIAL_BYTES));
  }

  /** The bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written after the first `length` bytes; structures that were open then are open again. */
  rewind(length: number): void {
    if (length < this.#length) this.#length = length;
  }

  /** A copy of what was written, from the byte `start` on, of its exact size. */
  finish(start = 0): Buffer {
    const message = Buffer.allocUnsafe(this.#length - start);
    this.#buffer.copy(message, 0, start, this.#length);
    return message;
  }

  /** Writes whole items that were encoded before. */
  writeEncoded(items: Uint8Array): void {
    const start = this.#length;
    const after = start + items.length;
    if (after > this.#buffer.length) this.#grow(after);
    this.#buffer.set(items, start);
    this.#length = after;
  }

  /** Begins a Structure; what follows is inside it until `end` is called with the position that this returns. */
  begin(tag: number): number {
    const start = this.#length;
    this.#header(tag, ItemType.Structure, 0, 0);
    return start;
  }

  /** Ends the Structure that was begun at `start`: now its length is known. */
  end(start: number): void {
    this.#view.setUint32(start + 4, this.#length - start - HEADER_BYTES);
  }

  writeInteger(tag: number, value: number): void {
    if (value !== (value | 0)) throw new RangeError('an Integer has 32 bits');
    const at = this.#header(tag, ItemType.Integer, 4, 8);
    this.#view.setInt32(at, value);
    this.#view.setUint32(at + 4, 0);
  }

  writeLongInteger(tag: number, value: bigint): void {
    const at = this.#header(tag, ItemType.LongInteger, 8, 8);
    this.#buffer.writeBigInt64BE(value, at);
  }

  /** Writes the bytes of a Big Integer: two's complement, a multiple of 8 and at least 8 of them. */
  writeBigInteger(tag: number, value: Uint8Array): void {
    if (value.length === 0 || value.length % 8 !== 0) throw new RangeError('a Big Integer has 8, 16, 24 ... bytes');
    const at = this.#header(tag, ItemType.BigInteger, value.length, value.length);
    this.#buffer.set(value, at);
  }

  writeEnumeration(tag: number, value: number): void {
    this.#unsigned(tag, ItemType.Enumeration, value);
  }

  writeBoolean(tag: number, value: boolean): void {
    const at = this.#header(tag, ItemType.Boolean, 8, 8);
    this.#view.setUint32(at, 0);
    this.#view.setUint32(at + 4, value ? 1 : 0);
  }

  writeTextString(tag: number, value: string): void {
    const at = this.#header(tag, ItemType.TextString, 0, value.length * MOST_UTF8_BYTES + PADDING);
    const length = this.#buffer.write(value, at);
    // Only in ASCII a unit is a byte. Elsewhere the encoder would have replaced the half of a surrogate pair in silence.
    if (length !== value.length && !value.isWellFormed())
      throw new RangeError('a Text String must be well-formed Unicode');
    this.#view.setUint32(at - 4, length);
    this.#pad(at + length);
  }

  writeByteString(tag: number, value: Uint8Array): void {
    const { length } = value;
    const at = this.#padded(tag, ItemType.ByteString, length);
    if (length > SHORT) this.#buffer.set(value, at);
    else for (let index = 0; index < length; index += 1) this.#buffer[at + index] = value[index] ?? 0;
  }

  /** Writes whole seconds since 1970. */
  writeDateTime(tag: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError('a Date-Time is a whole number of seconds');
    const at = this.#header(tag, ItemType.DateTime, 8, 8);
    this.#view.setInt32(at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  writeInterval(tag: number, value: number): void {
    this.#unsigned(tag, ItemType.Interval, value);
  }

  writeDateTimeExtended(tag: number, value: bigint): void {
    const at = this.#header(tag, ItemType.DateTimeExtended, 8, 8);
    this.#buffer.writeBigInt64BE(value, at);
  }

  /** Writes an item with all that it holds, under its own tag or another one. */
  writeItem(item: Item, tag: number = item.tag): void {
    writeValue(this, item, tag);
  }

  #unsigned(tag: number, type: ItemType, value: number): void {
    if (value !== value >>> 0) throw new RangeError('an Enumeration or Interval has 32 bits and no sign');
    const at = this.#header(tag, type, 4, 8);
    this.#view.setUint32(at, value);
    this.#view.setUint32(at + 4, 0);
  }

  /** Makes the header of an item whose value is padded to a multiple of 8, and the padding; tells where the value goes. */
  #padded(tag: number, type: ItemType, length: number): number {
    const at = this.#header(tag, type, length, length + PADDING);
    this.#pad(at + length);
    return at;
  }

  /** Ends a value with zeros, up to a multiple of 8 bytes; room for them was made. */
  #pad(end: number): void {
    const after = end + (-end & 7);
    for (let index = end; index < after; index += 1) this.#buffer[index] = 0;
    this.#length = after;
  }

  /**
   * Writes tag, type and length, makes room for `space` bytes of value, and tells where they begin. The buffer may be
   * another one afterwards, so this is called before `#buffer` is looked at.
   */
  #header(tag: number, type: ItemType, length: number, space: number): number {
    const start = this.#length;
    const after = start + HEADER_BYTES + space;
    if (after > this.#buffer.length) this.#grow(after);
    this.#view.setUint32(start, tag * 256 + type);
    this.#view.setUint32(start + 4, length);
    this.#length = after;
    return start + HEADER_BYTES;
  }

  #grow(needed: number): void {
    const larger = Buffer.alloc(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#replace(larger);
  }

  #replace(buffer: Buffer): void {
    this.#buffer = buffer;
    this.#view = viewOf(buffer);
  }
}

/** Numbers of fixed size go through a view: it is faster than the methods of Buffer, and as it wraps, ranges are checked before. */
function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

type ValueWriters = { readonly [Type in ItemType]: (writer: Writer, tag: number, value: ItemValues[Type]) => void };

const valueWriters: ValueWriters = {
  [ItemType.Structure]: (writer, tag, items) => {
    const start = writer.begin(tag);
    for (const item of items) writer.writeItem(item);
    writer.end(start);
  },
  [ItemType.Integer]: (writer, tag, value) => writer.writeInteger(tag, value),
  [ItemType.LongInteger]: (writer, tag, value) => writer.writeLongInteger(tag, value),
  [ItemType.BigInteger]: (writer, tag, value) => writer.writeBigInteger(tag, value),
  [ItemType.Enumeration]: (writer, tag, value) => writer.writeEnumeration(tag, value),
  [ItemType.Boolean]: (writer, tag, value) => writer.writeBoolean(tag, value),
  [ItemType.TextString]: (writer, tag, value) => writer.writeTextString(tag, value),
  [ItemType.ByteString]: (writer, tag, value) => writer.writeByteString(tag, value),
  [ItemType.DateTime]: (writer, tag, value) => writer.writeDateTime(tag, value),
  [ItemType.Interval]: (writer, tag, value) => writer.writeInterval(tag, value),
  [ItemType.DateTimeExtended]: (writer, tag, value) => writer.writeDateTimeExtended(tag, value),
};

/** Generic, so that the compiler sees that the row of the table and the value belong to the same type. */
function writeValue<Type extends ItemType>(writer: Writer, item: ItemOf<Type>, tag: number): void {
  valueWriters[item.type](writer, tag, item.value);
}

/** The encoding of an item with all that it holds. */
export function encodeItem(item: Item): Buffer {
  const writer = new Writer();
  writer.writeItem(item);
  return writer.finish();
}
