import { Buffer } from 'node:buffer';
import { fromBigInt, ItemType, type ItemValues } from './item.ts';
import { enumerationCode, enumerationName, maskBit, maskNames } from './names.ts';

/*
 * Values as the XML and JSON encodings write them (KMIP Additional Message Encodings 1.0, 4.1.6 and 6.1.6). What is
 * read is the union of what both allow; what is written differs and is said where it does.
 */

/** The types of items that hold no others. */
export type ScalarType = Exclude<ItemType, typeof ItemType.Structure>;

type Parsers = {
  readonly [Type in ScalarType]: (value: unknown, meaning: number) => ItemValues[Type] | undefined;
};

/**
 * The value of an item of `type` from its text (or JSON value); undefined if it is none. `meaning` is the tag that tells
 * which enumeration or mask a name belongs to.
 */
export function parseScalar<Type extends ScalarType>(
  type: Type,
  value: unknown,
  meaning: number,
): ItemValues[Type] | undefined {
  return parsers[type](value, meaning);
}

const parsers: Parsers = {
  [ItemType.Integer]: (value, meaning) => parseInteger(value) ?? parseMask(value, meaning),
  [ItemType.LongInteger]: (value) => parseSigned(value, 64),
  [ItemType.BigInteger]: parseBigInteger,
  [ItemType.Enumeration]: (value, meaning) =>
    parseUnsigned(value) ?? (typeof value === 'string' ? enumerationCode(meaning, value) : undefined),
  [ItemType.Boolean]: (value) => booleans.get(value),
  [ItemType.TextString]: (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined),
  [ItemType.ByteString]: parseBytes,
  [ItemType.DateTime]: parseSeconds,
  [ItemType.Interval]: parseUnsigned,
  [ItemType.DateTimeExtended]: (value) => parseHex(value, 64) ?? parseDate(value),
};

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  ['0x0000000000000001', true],
  [false, false],
  ['false', false],
  ['0', false],
  ['0x0000000000000000', false],
]);

/** A hex number such as 0x0000000A, as two's complement of `bits`. */
function parseHex(value: unknown, bits: number): bigint | undefined {
  if (typeof value !== 'string' || !/^0x[0-9a-f]+$/i.test(value) || value.length > 2 + bits / 4) return undefined;
  return BigInt.asIntN(bits, BigInt(value));
}

/** A number of JSON or decimal digits. */
function parseDecimal(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value) ? BigInt(value.replace('+', '')) : undefined;
}

/** A decimal or hex number that fits into `bits` as two's complement. */
function parseSigned(value: unknown, bits: number): bigint | undefined {
  const number = parseHex(value, bits) ?? parseDecimal(value);
  return number !== undefined && BigInt.asIntN(bits, number) === number ? number : undefined;
}

function parseInteger(value: unknown): number | undefined {
  const number = parseSigned(value, 32);
  return number === undefined ? undefined : Number(number);
}

function parseUnsigned(value: unknown): number | undefined {
  const number = parseDecimal(value) ?? parseHex(value, 32);
  if (number === undefined) return undefined;
  const hex = typeof value === 'string' && value.startsWith('0x');
  const unsigned = hex ? BigInt.asUintN(32, number) : number;
  return unsigned >= 0n && unsigned <= 0xffff_ffffn ? Number(unsigned) : undefined;
}

/** Names of bits and hex numbers, separated by blanks (XML) or `|` (JSON). */
function parseMask(value: unknown, meaning: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  let mask = 0;
  for (const part of value.split(/[\s|]+/).filter((word) => word !== '')) {
    const bits = maskBit(meaning, part) ?? parseHex(part, 32);
    if (bits === undefined) return undefined;
    mask |= Number(bits);
  }
  return mask;
}

function parseBytes(value: unknown): Buffer | undefined {
  const isHex = typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-f]*$/i.test(value);
  return isHex ? Buffer.from(value, 'hex') : undefined;
}

/** All the bytes in hex, after 0x in JSON, or a number of JSON. */
function parseBigInteger(value: unknown): Buffer | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? fromBigInt(BigInt(value)) : undefined;
  const bytes = typeof value === 'string' ? parseBytes(value.replace(/^0x/i, '')) : undefined;
  return bytes === undefined || bytes.length === 0 || bytes.length % 8 !== 0 ? undefined : bytes;
}

const dateForm = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})?$/;

/** The microseconds since 1970 of an xsd:dateTime; without a zone it is taken as UTC. */
function parseDate(value: unknown): bigint | undefined {
  const parts = typeof value === 'string' ? dateForm.exec(value) : null;
  if (parts === null) return undefined;
  const [, day, time, fraction = '', zone = 'Z'] = parts;
  const milliseconds = Date.parse(`${day}T${time}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** Whole seconds: fractions are cut off, as 4.1.6.11 asks. */
function parseSeconds(value: unknown): number | undefined {
  const microseconds = parseDate(value);
  const seconds = microseconds === undefined ? parseHex(value, 64) : floorDivide(microseconds, 1_000_000n);
  return seconds !== undefined && Number.isSafeInteger(Number(seconds)) ? Number(seconds) : undefined;
}

function floorDivide(a: bigint, b: bigint): bigint {
  return (a - (((a % b) + b) % b)) / b;
}

/** A hex number of all its digits: 0x00000001. */
export function hexNumber(value: number | bigint, bits: 32 | 64): string {
  return `0x${BigInt.asUintN(bits, BigInt(value))
    .toString(16)
    .padStart(bits / 4, '0')}`;
}

/** The name of the value of an enumeration, or its number in hex if it has none. */
export function enumerationText(value: number, meaning: number): string {
  return enumerationName(meaning, value) ?? hexNumber(value, 32);
}

/** The names of the bits of a mask with `separator` between them, bits without a name in hex; undefined if it is no mask. */
export function maskText(value: number, meaning: number, separator: string): string | undefined {
  const { names, rest } = maskNames(meaning, value);
  if (names.length === 0) return undefined;
  return [...names, ...(rest === 0 ? [] : [hexNumber(rest, 32)])].join(separator);
}

/** The years that an xsd:dateTime of four digits can show, in seconds. */
const FIRST_SECOND = Date.parse('0001-01-01T00:00:00Z') / 1000;
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** An xsd:dateTime in UTC, or the seconds in hex if the year has not four digits. */
export function secondsText(seconds: number): string {
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return hexNumber(seconds, 64);
  return new Date(seconds * 1000).toISOString().replace('.000Z', '+00:00');
}

/** An xsd:dateTime with six digits of fraction, or the microseconds in hex if the year has not four digits. */
export function microsecondsText(microseconds: bigint): string {
  const seconds = Number(floorDivide(microseconds, 1_000_000n));
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return hexNumber(microseconds, 64);
  const fraction = microseconds - BigInt(seconds) * 1_000_000n;
  return new Date(seconds * 1000).toISOString().replace('.000Z', `.${fraction.toString().padStart(6, '0')}+00:00`);
}
