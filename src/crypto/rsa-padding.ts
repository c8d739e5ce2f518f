import { Buffer } from 'node:buffer';
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { HashRow } from './hashes.ts';

/**
 * The encodings of RFC 8017 for what node:crypto does not do: OAEP with a mask hash that differs from the label's hash,
 * and PSS over a digest that was made elsewhere or with another mask hash.
 */

/** The two hashes of an encoding: of message or label, and of the mask generator MGF1. */
export interface PaddingHashes {
  readonly hash: HashRow;
  readonly maskHash: HashRow;
}

/** EME-OAEP encoding (7.1.1) to `length` bytes, the length of the modulus; undefined: the message is too long. */
export function encodeOaep(message: Buffer, length: number, hashes: PaddingHashes, label: Buffer): Buffer | undefined {
  const size = hashes.hash.bytes;
  if (message.length > length - 2 * size - 2) return undefined;
  const block = Buffer.alloc(length - size - 1);
  digest(hashes.hash, label).copy(block);
  block[block.length - message.length - 1] = 1;
  message.copy(block, block.length - message.length);
  const seed = randomBytes(size);
  xor(block, mask(hashes.maskHash, seed, block.length));
  xor(seed, mask(hashes.maskHash, block, size));
  return Buffer.concat([Buffer.of(0), seed, block]);
}

/**
 * EME-OAEP decoding (7.1.2); undefined: not such an encoding. Every byte is looked at whatever the others hold, so that
 * the time does not tell which of the checks failed (Manger's attack).
 */
export function decodeOaep(encoded: Buffer, hashes: PaddingHashes, label: Buffer): Buffer | undefined {
  const size = hashes.hash.bytes;
  if (encoded.length < 2 * size + 2) return undefined;
  const seed = Buffer.from(encoded.subarray(1, 1 + size));
  const block = Buffer.from(encoded.subarray(1 + size));
  xor(seed, mask(hashes.maskHash, block, size));
  xor(block, mask(hashes.maskHash, seed, block.length));
  let wrong = encoded[0] ?? 1;
  digest(hashes.hash, label).forEach((byte, index) => {
    wrong |= byte ^ (block[index] ?? 0);
  });
  let searching = 1;
  let start = 0;
  for (let index = size; index < block.length; index++) {
    const byte = block[index] ?? 0;
    const isOne = ((byte ^ 1) - 1) >>> 31;
    const isZero = (byte - 1) >>> 31;
    start |= -(searching & isOne) & (index + 1);
    wrong |= searching & (1 - isZero) & (1 - isOne);
    searching &= 1 - isOne;
  }
  return (wrong | searching) === 0 ? block.subarray(start) : undefined;
}

/** EMSA-PSS encoding (9.1.1) of a digest for a modulus of `bits` bits; undefined: the salt does not fit. */
export function encodePss(hashed: Buffer, bits: number, hashes: PaddingHashes, saltLength: number): Buffer | undefined {
  const length = Math.ceil((bits - 1) / 8);
  const size = hashes.hash.bytes;
  if (length < size + saltLength + 2) return undefined;
  const salt = randomBytes(saltLength);
  const seal = digest(hashes.hash, Buffer.alloc(8), hashed, salt);
  const block = Buffer.alloc(length - size - 1);
  block[block.length - saltLength - 1] = 1;
  salt.copy(block, block.length - saltLength);
  xor(block, mask(hashes.maskHash, seal, block.length));
  block[0] = (block[0] ?? 0) & topMask(bits);
  return Buffer.concat([block, seal, Buffer.of(0xbc)]);
}

/** EMSA-PSS verification (9.1.2) of `encoded`; a salt of any length is taken where none is given. */
export function verifyPss(
  hashed: Buffer,
  encoded: Buffer,
  bits: number,
  hashes: PaddingHashes & { readonly saltLength: number | undefined },
): boolean {
  const size = hashes.hash.bytes;
  const length = Math.ceil((bits - 1) / 8);
  if (encoded.length !== length || length < size + 2 || encoded[length - 1] !== 0xbc) return false;
  const block = Buffer.from(encoded.subarray(0, length - size - 1));
  const seal = encoded.subarray(length - size - 1, length - 1);
  if (((block[0] ?? 0) & ~topMask(bits)) !== 0) return false;
  xor(block, mask(hashes.maskHash, seal, block.length));
  block[0] = (block[0] ?? 0) & topMask(bits);
  const one = block.findIndex((byte) => byte !== 0);
  if (one < 0 || block[one] !== 1) return false;
  const salt = block.subarray(one + 1);
  if (hashes.saltLength !== undefined && salt.length !== hashes.saltLength) return false;
  return timingSafeEqual(seal, digest(hashes.hash, Buffer.alloc(8), hashed, salt));
}

/** The bits of the first byte of a PSS encoding that are in use: the encoding has one bit less than the modulus. */
function topMask(bits: number): number {
  return 0xff >> (8 * Math.ceil((bits - 1) / 8) - (bits - 1));
}

/** MGF1 (B.2.1). */
function mask(row: HashRow, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * row.bytes < length; counter++) {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    blocks.push(digest(row, seed, suffix));
  }
  return Buffer.concat(blocks, length);
}

function digest(row: HashRow, ...parts: readonly Buffer[]): Buffer {
  return hash(row.name, Buffer.concat(parts), 'buffer');
}

function xor(target: Buffer, other: Buffer): void {
  for (let index = 0; index < target.length; index++) target[index] = (target[index] ?? 0) ^ (other[index] ?? 0);
}
