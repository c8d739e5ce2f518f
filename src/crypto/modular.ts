import { Buffer } from 'node:buffer';

/** Longer numbers are in no key that is taken (`algorithms.ts`), and some of what is below would take hours with them. */
const MOST_BITS = 8192;
/** The bytes that a DER element of such a number has, at most. */
export const MOST_NUMBER_BYTES = MOST_BITS / 8 + 16;

/** Whether a positive number is too long to be one of a key. */
export function isTooLong(value: bigint): boolean {
  return value >> BigInt(MOST_BITS) !== 0n;
}

/** The inverse of `value` modulo `modulus`, by Euclid's algorithm; undefined where they have a common divisor. */
export function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [low, high] = [value % modulus, modulus];
  let [factor, previous] = [1n, 0n];
  while (low !== 0n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [factor, previous] = [previous - quotient * factor, factor];
  }
  return high === 1n ? ((previous % modulus) + modulus) % modulus : undefined;
}

/** `base` to the power of `exponent` modulo `modulus`. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The greatest common divisor. */
export function divisor(one: bigint, other: bigint): bigint {
  let [low, high] = [one, other];
  while (low !== 0n) [low, high] = [high % low, low];
  return high;
}

/** The number as unsigned big-endian bytes, padded with zeros to `length` if it is given. */
export function unsignedBytes(value: bigint, length = 0): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(Math.max(length * 2, digits.length + (digits.length % 2)), '0'), 'hex');
}

/** The number of bits up to the highest one that is set. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
