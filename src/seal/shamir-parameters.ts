import { timingSafeEqual } from 'node:crypto';
import { hkdf } from '../crypto/hkdf.ts';
import { SealError } from './root-key.ts';
import type { Share } from './share.ts';
import { membersOf } from './wrapped-root-key.ts';

const MOST_SHARES = 255;
const DIGEST_BYTES = 32;

/** The public parameters of a split, beside the root key that it wraps. */
export interface ShamirParameters {
  /** Each further split of an installation has the next number. */
  readonly split: number;
  readonly threshold: number;
  /** One a share, base64: what a share that was handed out gives with `shareDigest`. */
  readonly digests: readonly string[];
}

/** Whether shares can be made so: 1 <= threshold <= shares <= 255. */
export function isSplit(shares: number, threshold: number): boolean {
  const whole = Number.isInteger(shares) && Number.isInteger(threshold);
  return whole && threshold >= 1 && shares >= threshold && shares <= MOST_SHARES;
}

/** Whether the share is one of those that were handed out. */
export function isHandedOut(installationId: string, { digests }: ShamirParameters, share: Share): boolean {
  const expected = Buffer.from(digests[share.number - 1] ?? '', 'base64');
  return expected.length === DIGEST_BYTES && timingSafeEqual(expected, shareDigest(installationId, share));
}

/** Throws SealError where the parameters are none that Kleis writes. */
export function readShamirParameters(json: string): ShamirParameters {
  const { split: number, threshold, digests } = membersOf<ShamirParameters>(json);
  if (Number.isInteger(number) && Array.isArray(digests) && isSplit(digests.length, Number(threshold))) {
    return { split: Number(number), threshold: Number(threshold), digests: digests.map(String) };
  }
  throw new SealError('the installation row has parameters of the shamir seal that no version of Kleis writes');
}

/** HKDF-SHA256 of the point (32 bytes; salt: the installation; info: which share it is). */
export function shareDigest(installationId: string, { split: number, number: share, point }: Share): Buffer {
  return hkdf(point, installationId, `kleis share ${number}.${share}`).expose();
}
