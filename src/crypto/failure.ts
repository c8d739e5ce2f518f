import { KmipError } from '../errors.ts';

/** The one answer to every failure of a decryption or an unwrapping: its text tells nothing of the cause. */
export function cryptoFailed(cause?: unknown): KmipError {
  return new KmipError('crypto-failed', 'the cryptographic operation failed', { cause });
}
