import { Buffer } from 'node:buffer';
import { type Item, ItemType, type ItemValue } from '../../ttlv/item.ts';

/**
 * The encoding of an item, made in another way than `ttlv/writer.ts` does it: as hex digits put together by the
 * sentences of KMIP 2.1, 10.1, so that a mistake there does not hide behind the same one here.
 */
export function ttlvBytes(item: Item): Buffer {
  return Buffer.from(digits(item), 'hex');
}

function digits({ tag, type, value }: Item): string {
  const text = valueDigits(type, value);
  const padded = text.padEnd(Math.ceil(text.length / 16) * 16, '0');
  return number(BigInt(tag), 3) + number(BigInt(type), 1) + number(BigInt(text.length / 2), 4) + padded;
}

function valueDigits(type: ItemType, value: ItemValue): string {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (typeof value === 'boolean') return number(value ? 1n : 0n, 8);
  if (typeof value === 'bigint') return number(value, 8);
  if (typeof value === 'number') return number(BigInt(value), type === ItemType.DateTime ? 8 : 4);
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return value.map(digits).join('');
}

function number(value: bigint, bytes: number): string {
  return BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
}
