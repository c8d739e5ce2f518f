import type { Buffer } from 'node:buffer';
import { type Item, ItemType } from './item.ts';
import type { Reader } from './reader.ts';
import { type EnumTable, isDefined, type MaskTable } from './tables/table.ts';
import type { Version } from './tables/versions.ts';
import type { Writer } from './writer.ts';

/**
 * A value that the version of the message does not define, about to be written: a mistake of the caller, who has to
 * choose what an older version can be told.
 */
export class NotInVersionError extends Error {
  override readonly name = 'NotInVersionError';
}

/** How values of one kind are read from items and written as items, in every version of the protocol. */
export interface Codec<T> {
  /** The type of the items; undefined if it depends on the value. */
  readonly type: ItemType | undefined;
  /** The tags among which the value itself decides, as the type of a managed object does; `write` then ignores its tag. */
  readonly tags?: readonly number[];
  /**
   * Takes the current item of the reader, the one that `next()` came to.
   * @throws TtlvError with the offset and the tag path of what is wrong
   */
  read(reader: Reader, version: Version): T;
  /** Writes `value` under `tag`. A value that the version does not define throws `NotInVersionError`. */
  write(writer: Writer, tag: number, value: T, version: Version): void;
}

/** The type of the values that a codec reads and writes. */
export type TypeOf<C> = C extends Codec<infer T> ? T : never;

export const integer: Codec<number> = {
  type: ItemType.Integer,
  read: (reader) => reader.readInteger(),
  write: (writer, tag, value) => writer.writeInteger(tag, value),
};

export const longInteger: Codec<bigint> = {
  type: ItemType.LongInteger,
  read: (reader) => reader.readLongInteger(),
  write: (writer, tag, value) => writer.writeLongInteger(tag, value),
};

/** Big Integers as the bytes of the wire; see `toBigInt` and `toUnsigned`. */
export const bigInteger: Codec<Buffer> = {
  type: ItemType.BigInteger,
  read: (reader) => reader.readBigInteger(),
  write: (writer, tag, value) => writer.writeBigInteger(tag, value),
};

export const boolean: Codec<boolean> = {
  type: ItemType.Boolean,
  read: (reader) => reader.readBoolean(),
  write: (writer, tag, value) => writer.writeBoolean(tag, value),
};

export const textString: Codec<string> = {
  type: ItemType.TextString,
  read: (reader) => reader.readTextString(),
  write: (writer, tag, value) => writer.writeTextString(tag, value),
};

/** Byte Strings as views of the message that was read. */
export const byteString: Codec<Buffer> = {
  type: ItemType.ByteString,
  read: (reader) => reader.readByteString(),
  write: (writer, tag, value) => writer.writeByteString(tag, value),
};

/** Date-Times in whole seconds since 1970. */
export const dateTime: Codec<number> = {
  type: ItemType.DateTime,
  read: (reader) => reader.readDateTime(),
  write: (writer, tag, value) => writer.writeDateTime(tag, value),
};

/** Intervals in seconds. */
export const interval: Codec<number> = {
  type: ItemType.Interval,
  read: (reader) => reader.readInterval(),
  write: (writer, tag, value) => writer.writeInterval(tag, value),
};

/** Date-Times in microseconds since 1970. */
export const dateTimeExtended: Codec<bigint> = {
  type: ItemType.DateTimeExtended,
  read: (reader) => reader.readDateTimeExtended(),
  write: (writer, tag, value) => writer.writeDateTimeExtended(tag, value),
};

/** Any item as it is: for vendors' extensions and for values whose type the sender chooses. It is written under the field's tag. */
export const anyItem: Codec<Item> = {
  type: undefined,
  read: (reader) => reader.readItem(),
  write: (writer, tag, value) => writer.writeItem(value, tag),
};

/** The values of an enumeration that the version defines; others are `unknown-enumeration`, extensions (8XXXXXXX) too. */
export function enumeration<Code extends number>(table: EnumTable<Code>): Codec<Code> {
  return new EnumerationCodec(table);
}

class EnumerationCodec<Code extends number> implements Codec<Code> {
  readonly type = ItemType.Enumeration;
  readonly #table: EnumTable<Code>;

  constructor(table: EnumTable<Code>) {
    this.#table = table;
  }

  read(reader: Reader, version: Version): Code {
    const code = reader.readEnumeration();
    return this.#has(code, version) ? code : reader.fail('unknown-enumeration');
  }

  write(writer: Writer, tag: number, value: Code, version: Version): void {
    if (!this.#has(value, version))
      throw new NotInVersionError(`${this.#table.name} ${value} is not defined in version ${version}`);
    writer.writeEnumeration(tag, value);
  }

  #has(code: number, version: Version): code is Code {
    const value = this.#table.byCode.get(code);
    return value !== undefined && isDefined(value, version);
  }
}

/** Bit masks; bits that the version does not define are `unknown-mask-bit`. */
export function mask(table: MaskTable): Codec<number> {
  const undefinedBits = (value: number, version: Version): number => value & ~(table.bits.get(version) ?? 0);
  return {
    type: ItemType.Integer,
    read: (reader, version) => {
      const value = reader.readInteger();
      return undefinedBits(value, version) === 0 ? value : reader.fail('unknown-mask-bit');
    },
    write: (writer, tag, value, version) => {
      const bits = undefinedBits(value, version);
      if (bits !== 0)
        throw new NotInVersionError(`${table.name} has no bits ${bits.toString(16)} in version ${version}`);
      writer.writeInteger(tag, value);
    },
  };
}

/** The codecs among which `oneOf` chooses, by item type. */
type Choices = { readonly [Type in ItemType]?: Codec<unknown> };

/** A value together with the item type that it has on the wire. */
export type Choice<C extends Choices> = {
  [Type in keyof C]: { readonly type: Type; readonly value: TypeOf<C[Type]> };
}[keyof C];

/**
 * Values of several item types, such as the Unique Identifier of 2.x: Text String, Enumeration or Integer. The type
 * stays with the value, as a number alone would not tell an Enumeration from an Integer.
 */
export function oneOf<const C extends Choices>(choices: C): Codec<Choice<C>> {
  const codecOf = (type: number): Codec<unknown> | undefined => choices[type as ItemType];
  return {
    type: undefined,
    read: (reader, version) => {
      const { type } = reader;
      const codec = codecOf(type);
      if (codec === undefined) return reader.fail('wrong-type');
      return { type, value: codec.read(reader, version) } as Choice<C>;
    },
    write: (writer, tag, { type, value }, version) => {
      const codec = codecOf(Number(type));
      if (codec === undefined) throw new Error(`no choice for item type ${String(type)}`);
      codec.write(writer, tag, value, version);
    },
  };
}
