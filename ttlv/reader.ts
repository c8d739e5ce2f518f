import { type Buffer, isUtf8 } from 'node:buffer';
import { Budget } from './budget.ts';
import { type TtlvCode, TtlvError } from './errors.ts';
import { type Item, ItemType } from './item.ts';

/** Tag (3), type (1) and length (4). */
export const HEADER_BYTES = 8;

const LAST_TYPE = ItemType.DateTimeExtended;

/** The only length that a type allows (KMIP 2.1, table 427), by type; 0 where it varies. */
const fixedLength: readonly number[] = [0, 0, 4, 8, 0, 4, 8, 0, 0, 8, 4, 8];

/** Texts up to this length are looked at byte by byte: shorter than the call of a native function costs. */
const SHORT_TEXT = 48;

/**
 * A cursor over one message (KMIP 2.1, 10.1). `next()` steps to an item of the open structure and checks its header;
 * then one of the methods `read...`, `enter` or `skip` takes the item. All throw `TtlvError`; a value of another type
 * than its method's is `wrong-type`. An item that is not taken is stepped over by the following `next()`.
 */
export class Reader {
  /** The header of the current item. */
  tag = 0;
  type = 0;
  length = 0;

  #buffer: Buffer;
  #budget: Budget;
  /** Where the current item begins, where the next one does, and where the open structure ends. */
  #offset = 0;
  #after = 0;
  #end: number;
  /** How many structures are open, their tags, and the ends of those around each; what lies beyond is of no meaning. */
  #depth = 0;
  readonly #tags: number[] = [];
  readonly #ends: number[] = [];

  /** @throws TtlvError `too-large` if the buffer is larger than the budget allows. */
  constructor(buffer: Buffer, budget: Budget) {
    if (buffer.length > budget.bytes) throw new TtlvError('too-large', 0, []);
    this.#buffer = buffer;
    this.#budget = budget;
    this.#end = buffer.length;
  }

  /** Begins another message: what belongs to a reader is then not made anew for each. Throws as the constructor does. */
  reset(buffer: Buffer, budget: Budget): void {
    if (buffer.length > budget.bytes) throw new TtlvError('too-large', 0, []);
    this.#buffer = buffer;
    this.#budget = budget;
    this.#offset = 0;
    this.#after = 0;
    this.#end = buffer.length;
    this.#depth = 0;
  }

  /** How many structures are open. */
  get depth(): number {
    return this.#depth;
  }

  /** Steps to the next item of the open structure; false at its end. */
  next(): boolean {
    const offset = this.#after;
    if (offset >= this.#end) return false;
    this.#offset = offset;
    if (this.#end - offset < HEADER_BYTES) this.#cut();
    const head = this.#uint32(offset);
    this.tag = head >>> 8;
    this.type = head & 0xff;
    this.length = this.#uint32(offset + 4);
    this.#checkHeader();
    this.#budget.items -= 1;
    if (this.#budget.items < 0) this.fail('too-many-items');
    return true;
  }

  /** Opens the current item, a Structure: `next()` then steps through what it holds, until `leave()`. */
  enter(): void {
    this.#expect(ItemType.Structure);
    if (this.#depth >= this.#budget.depth) this.fail('too-deep');
    this.#tags[this.#depth] = this.tag;
    this.#ends[this.#depth] = this.#end;
    this.#depth += 1;
    this.#end = this.#after;
    this.#after = this.#offset + HEADER_BYTES;
  }

  /** Closes the open structure. Items that are left in it are `unexpected-tag`. */
  leave(): void {
    if (this.next()) this.fail('unexpected-tag');
    this.abandon(this.depth - 1);
  }

  /** Closes structures without a look at what is left in them, until `depth` are open: how a caller goes on after an error. */
  abandon(depth: number): void {
    while (this.#depth > depth) {
      this.#depth -= 1;
      this.#after = this.#end;
      this.#end = this.#ends[this.#depth] ?? 0;
      this.tag = this.#tags[this.#depth] ?? 0;
    }
  }

  /** Ends the message: bytes that were not read are `trailing-bytes`. */
  finish(): void {
    this.#offset = this.#after;
    if (this.#after < this.#end) throw new TtlvError('trailing-bytes', this.#after, []);
  }

  readInteger(): number {
    this.#expect(ItemType.Integer);
    this.#checkPadding();
    return this.#int32(this.#offset + HEADER_BYTES);
  }

  readLongInteger(): bigint {
    this.#expect(ItemType.LongInteger);
    return this.#buffer.readBigInt64BE(this.#offset + HEADER_BYTES);
  }

  /** A view of the bytes in two's complement. */
  readBigInteger(): Buffer {
    this.#expect(ItemType.BigInteger);
    return this.#bytes();
  }

  readEnumeration(): number {
    this.#expect(ItemType.Enumeration);
    this.#checkPadding();
    return this.#uint32(this.#offset + HEADER_BYTES);
  }

  readBoolean(): boolean {
    this.#expect(ItemType.Boolean);
    const value = this.#uint32(this.#offset + HEADER_BYTES + 4);
    if (value > 1 || this.#uint32(this.#offset + HEADER_BYTES) !== 0) this.fail('bad-boolean');
    return value === 1;
  }

  readTextString(): string {
    this.#expect(ItemType.TextString);
    this.#checkPadding();
    const encoding = this.#checkText();
    const start = this.#offset + HEADER_BYTES;
    return this.#buffer.toString(encoding, start, start + this.length);
  }

  /** A view of the bytes. */
  readByteString(): Buffer {
    this.#expect(ItemType.ByteString);
    this.#checkPadding();
    return this.#bytes();
  }

  /** Seconds since 1970. Years that a number cannot hold exactly, some 285 million away, are `out-of-range`. */
  readDateTime(): number {
    this.#expect(ItemType.DateTime);
    const start = this.#offset + HEADER_BYTES;
    const seconds = this.#int32(start) * 2 ** 32 + this.#uint32(start + 4);
    if (!Number.isSafeInteger(seconds)) this.fail('out-of-range');
    return seconds;
  }

  readInterval(): number {
    this.#expect(ItemType.Interval);
    this.#checkPadding();
    return this.#uint32(this.#offset + HEADER_BYTES);
  }

  readDateTimeExtended(): bigint {
    this.#expect(ItemType.DateTimeExtended);
    return this.#buffer.readBigInt64BE(this.#offset + HEADER_BYTES);
  }

  /** The current item, whatever its type, with all that it holds. */
  readItem(): Item {
    const read = itemReaders[this.type];
    return read === undefined ? this.fail('bad-type') : read(this, this.tag);
  }

  /** Checks the current item and all that it holds as the other methods do, and keeps nothing. */
  skip(): void {
    if (this.type === ItemType.Structure) {
      this.enter();
      while (this.next()) this.skip();
      this.leave();
    } else if (this.type === ItemType.Boolean) this.readBoolean();
    else if (this.type === ItemType.DateTime) this.readDateTime();
    else {
      this.#checkPadding();
      if (this.type === ItemType.TextString) this.#checkText();
    }
  }

  /** A view of the current item, its header and padding included. Nothing inside it has been checked. */
  encoded(): Buffer {
    return this.#buffer.subarray(this.#offset, this.#after);
  }

  /** Whether the current item is `encoded`, byte for byte: what was read before need not be read again. */
  isSame(encoded: Buffer): boolean {
    if (this.#after - this.#offset !== encoded.length) return false;
    for (let index = 0; index < encoded.length; index += 1) {
      if (this.#buffer[this.#offset + index] !== encoded[index]) return false;
    }
    return true;
  }

  /** Throws `code` for the current item. */
  fail(code: TtlvCode): never {
    throw new TtlvError(code, this.#offset, [...this.#tags.slice(0, this.#depth), this.tag]);
  }

  /** Throws `missing-field` for an item `tag` that the open structure, read so far, should have held. */
  failMissing(tag: number): never {
    throw new TtlvError('missing-field', this.#offset, [...this.#tags.slice(0, this.#depth), tag]);
  }

  /** Reading bytes is faster than the methods of Buffer, and than making a DataView for each message. */
  #int32(at: number): number {
    const bytes = this.#buffer;
    return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }

  #uint32(at: number): number {
    return this.#int32(at) >>> 0;
  }

  #expect(type: ItemType): void {
    if (this.type !== type) this.fail('wrong-type');
  }

  /** Fails for an item that does not end where the message or the structure around it does. */
  #cut(): never {
    return this.fail(this.depth === 0 ? 'truncated' : 'bad-length');
  }

  /** Checks tag, type and length, and finds where the item ends. */
  #checkHeader(): void {
    const { tag, type, length } = this;
    const space = tag >>> 16;
    if ((space !== 0x42 && space !== 0x54) || tag === 0x420000) this.fail('bad-tag');
    if (type < ItemType.Structure || type > LAST_TYPE) this.fail('bad-type');
    const fixed = fixedLength[type];
    if (fixed !== 0 && length !== fixed) this.fail('bad-length');
    if (type === ItemType.BigInteger && length === 0) this.fail('bad-length');
    if ((type === ItemType.Structure || type === ItemType.BigInteger) && length % 8 !== 0) this.fail('bad-length');
    // A length of nearly 2^32 is no small integer any more, so this is arithmetic and not `& ~7`.
    const after = this.#offset + HEADER_BYTES + length + (-length & 7);
    if (after > this.#end) this.#cut();
    this.#after = after;
  }

  #checkPadding(): void {
    for (let at = this.#offset + HEADER_BYTES + this.length; at < this.#after; at += 1) {
      if (this.#buffer[at] !== 0) this.fail('bad-padding');
    }
  }

  /** Checks that the current Text String is UTF-8, and tells the cheapest encoding that decodes it. */
  #checkText(): 'latin1' | 'utf8' {
    const start = this.#offset + HEADER_BYTES;
    const end = start + this.length;
    if (this.length <= SHORT_TEXT) {
      let bits = 0;
      for (let at = start; at < end; at += 1) bits |= this.#buffer[at] ?? 0;
      if (bits < 0x80) return 'latin1';
    }
    if (!isUtf8(this.#buffer.subarray(start, end))) this.fail('bad-utf8');
    return 'utf8';
  }

  #bytes(): Buffer {
    const start = this.#offset + HEADER_BYTES;
    return this.#buffer.subarray(start, start + this.length);
  }
}

type ItemReader = (reader: Reader, tag: number) => Item;

/** How to read an item of each type, by type. */
const itemReaders: readonly (ItemReader | undefined)[] = [
  undefined,
  (reader, tag) => ({ tag, type: ItemType.Structure, value: readItems(reader) }),
  (reader, tag) => ({ tag, type: ItemType.Integer, value: reader.readInteger() }),
  (reader, tag) => ({ tag, type: ItemType.LongInteger, value: reader.readLongInteger() }),
  (reader, tag) => ({ tag, type: ItemType.BigInteger, value: reader.readBigInteger() }),
  (reader, tag) => ({ tag, type: ItemType.Enumeration, value: reader.readEnumeration() }),
  (reader, tag) => ({ tag, type: ItemType.Boolean, value: reader.readBoolean() }),
  (reader, tag) => ({ tag, type: ItemType.TextString, value: reader.readTextString() }),
  (reader, tag) => ({ tag, type: ItemType.ByteString, value: reader.readByteString() }),
  (reader, tag) => ({ tag, type: ItemType.DateTime, value: reader.readDateTime() }),
  (reader, tag) => ({ tag, type: ItemType.Interval, value: reader.readInterval() }),
  (reader, tag) => ({ tag, type: ItemType.DateTimeExtended, value: reader.readDateTimeExtended() }),
];

function readItems(reader: Reader): Item[] {
  const items: Item[] = [];
  reader.enter();
  while (reader.next()) items.push(reader.readItem());
  reader.leave();
  return items;
}

/**
 * Walks through a whole message and checks all that does not depend on the meaning of tags, within the budget and
 * without spending it.
 * @throws TtlvError of the malformed kind
 */
export function checkWellFormed(buffer: Buffer, budget: Budget): void {
  const reader = new Reader(buffer, new Budget(budget));
  if (!reader.next()) throw new TtlvError('truncated', 0, []);
  reader.skip();
  reader.finish();
}

/**
 * Decodes one item that fills the whole buffer.
 * @throws TtlvError of the malformed kind
 */
export function decodeItem(buffer: Buffer, budget: Budget): Item {
  const reader = new Reader(buffer, budget);
  if (!reader.next()) throw new TtlvError('truncated', 0, []);
  const item = reader.readItem();
  reader.finish();
  return item;
}
