import { Buffer } from 'node:buffer';
import { ItemType } from './tables/enums.ts';

export { ItemType };

/** The JavaScript value of an item by its type (KMIP 2.1, 10.1.2). */
export interface ItemValues {
  readonly [ItemType.Structure]: readonly Item[];
  /** A signed 32-bit integer. */
  readonly [ItemType.Integer]: number;
  readonly [ItemType.LongInteger]: bigint;
  /** Two's complement, big-endian, as on the wire: 8, 16, 24 ... bytes. See `toBigInt`, `toUnsigned`. */
  readonly [ItemType.BigInteger]: Buffer;
  /** An unsigned 32-bit integer. */
  readonly [ItemType.Enumeration]: number;
  readonly [ItemType.Boolean]: boolean;
  readonly [ItemType.TextString]: string;
  /** A view of the message it was read from, not a copy. */
  readonly [ItemType.ByteString]: Buffer;
  /** Seconds since 1970-01-01T00:00:00Z, a safe integer. */
  readonly [ItemType.DateTime]: number;
  /** Seconds, an unsigned 32-bit integer. */
  readonly [ItemType.Interval]: number;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly [ItemType.DateTimeExtended]: bigint;
}

/** An item of one type: tag and value. The tag is the number of three bytes, such as 0x420008. */
export interface ItemOf<Type extends ItemType> {
  readonly tag: number;
  readonly type: Type;
  readonly value: ItemValues[Type];
}

/** Any TTLV item; `type` tells what `value` is. */
export type Item = { [Type in ItemType]: ItemOf<Type> }[ItemType];

/** The value of any item. */
export type ItemValue = ItemValues[ItemType];

const typeNames: ReadonlyMap<number, string> = new Map(Object.entries(ItemType).map(([name, type]) => [type, name]));

/** The normalised name of an item type: `TextString`. */
export function typeName(type: ItemType): string {
  return typeNames.get(type) ?? String(type);
}

/** The number that the bytes of a Big Integer stand for. */
export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, toUnsigned(bytes));
}

/** The bytes of a Big Integer for `value`, of the least length that is a multiple of 8. */
export function fromBigInt(value: bigint): Buffer {
  let length = 8;
  while (BigInt.asIntN(length * 8, value) !== value) length += 8;
  const digits = BigInt.asUintN(length * 8, value).toString(16);
  return Buffer.from(digits.padStart(length * 2, '0'), 'hex');
}

/** The number that `bytes` stand for as an unsigned big-endian integer. */
export function toUnsigned(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`);
}

/** The bytes of the Big Integer that equals the unsigned big-endian integer `bytes`, such as an RSA modulus. */
export function fromUnsigned(bytes: Uint8Array): Buffer {
  return fromBigInt(toUnsigned(bytes));
}
