import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { PaddingMethod } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';

/** A way to fill the last block of a message that is not left to OpenSSL. */
export interface Padding {
  /** What follows `used` bytes (0..block-1) in the last block. */
  pad(used: number, block: number): Buffer;
  /** The bytes of the message in the last block; undefined: it is not padded so. */
  unpad(last: Buffer): number | undefined;
}

/** OpenSSL pads (`auto`), no one does (`none`), or the padding does. */
export type PaddingChoice = 'auto' | 'none' | Padding;

/** Filler, and in the last byte a count of the bytes that were added: `itself` is 1 where it counts its own byte, else 0. */
function counted(itself: 0 | 1, filler: (length: number) => Buffer, isFiller: (byte: number) => boolean): Padding {
  return {
    pad: (used, block) => {
      const length = block - used - 1;
      return Buffer.concat([filler(length), Buffer.of(length + itself)]);
    },
    unpad: (last) => {
      const length = (last[last.length - 1] ?? 0) - itself;
      const start = last.length - 1 - length;
      if (length < 0 || start < 0) return undefined;
      return last.subarray(start, -1).every(isFiller) ? start : undefined;
    },
  };
}

/** Zeros up to the next block, none if it is full. Zeros at the end of the message itself are lost. */
const zeros: Padding = {
  pad: (used, block) => Buffer.alloc(used === 0 ? 0 : block - used),
  unpad: (last) => {
    let length = last.length;
    while (length > 0 && last[length - 1] === 0) length -= 1;
    // No block is added that holds zeros only: such a one is data.
    return length === 0 ? last.length : length;
  },
};

const paddings = new Map<PaddingMethod, PaddingChoice>([
  [PaddingMethod.None, 'none'],
  [PaddingMethod.PKCS5, 'auto'],
  [PaddingMethod.Zeros, zeros],
  [
    PaddingMethod.ANSIX9_23,
    counted(
      1,
      (length) => Buffer.alloc(length),
      (byte) => byte === 0,
    ),
  ],
  [PaddingMethod.ISO10126, counted(1, randomBytes, () => true)],
  // SSL 3.0 leaves the filler open (RFC 6101, 5.2.3.2); TLS repeats the count.
  [
    PaddingMethod.SSL3,
    counted(
      0,
      (length) => Buffer.alloc(length, length),
      () => true,
    ),
  ],
]);

/** The padding of a Padding Method for block ciphers, none where it is absent; else `unsupported-parameters`. */
export function paddingOf(method: PaddingMethod | undefined): PaddingChoice {
  const found = method === undefined ? 'none' : paddings.get(method);
  if (found === undefined) throw new KmipError('unsupported-parameters', 'the Padding Method is not supported here');
  return found;
}
