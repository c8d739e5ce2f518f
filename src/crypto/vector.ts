import { Buffer } from 'node:buffer';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import { includesLength } from './algorithms.ts';
import type { CipherRow } from './cipher-table.ts';
import { publicRandom } from './random.ts';

/** An initialisation vector: as the client sees it, and as OpenSSL does (empty: the cipher has none). */
export interface Vector {
  readonly forClient: Buffer | undefined;
  readonly forCipher: Buffer;
}

const none = Buffer.alloc(0);

/**
 * The vector of an encryption: the client's, or where there is none a random one, whether Random IV asks for it or not
 * (clients leave both out and expect it in the answer: EDB). The lengths of the parts of a vector that KMIP has
 * parameters for matter to counters only: a random vector never repeats, so it needs no fixed and invocation fields.
 */
export function encryptionVector(
  row: CipherRow,
  given: Buffer | undefined,
  parameters: CryptographicParameters,
): Vector {
  if (row.iv === undefined) return { forClient: undefined, forCipher: none };
  const vector = given ?? madeVector(row, parameters);
  return { forClient: vector, forCipher: cipherVector(row, vector, parameters) };
}

/** The vector of a decryption, which has to be given: without it the message is invalid (published case CS-BC-M-13). */
export function decryptionVector(
  row: CipherRow,
  given: Buffer | undefined,
  parameters: CryptographicParameters,
): Buffer {
  if (row.iv === undefined) return none;
  if (given === undefined) throw new KmipError('invalid-message', 'the IV/Counter/Nonce is missing');
  return cipherVector(row, given, parameters);
}

function madeVector(row: CipherRow, { ivLength, counterLength, initialCounterValue }: CryptographicParameters): Buffer {
  // IV Length is in bits. ovh/kmip-go has the usual length in bytes there, which no mode has in bits.
  const length = ivLength === undefined || ivLength === row.madeIv ? row.madeIv : ivLength / 8;
  // Random vectors shorter than the usual one would repeat too soon (GCM: SP 800-38D, 8.2.2).
  if (length < row.madeIv || row.iv === undefined || !includesLength(row.iv, length)) {
    throw new KmipError('bad-parameters', 'no random IV of this IV Length is made for the mode');
  }
  const vector = publicRandom(length);
  if (row.vector !== 'counter block') return vector;
  const counter = counterLength === undefined ? 4 : counterLength / 8;
  if (!Number.isInteger(counter) || counter < 1 || counter > length - 8) {
    throw new KmipError('bad-parameters', 'the Counter Length is not possible');
  }
  return Buffer.concat([vector.subarray(0, length - counter), counterBytes(initialCounterValue, counter)]);
}

function cipherVector(row: CipherRow, vector: Buffer, { initialCounterValue }: CryptographicParameters): Buffer {
  if (row.iv === undefined || !includesLength(row.iv, vector.length)) {
    throw new KmipError('bad-parameters', 'the IV/Counter/Nonce has a length that the mode does not have');
  }
  if (row.vector === 'as it is' || vector.length === 16) return vector;
  const counter = counterBytes(initialCounterValue, 16 - vector.length);
  // ChaCha20 counts in little-endian, before the nonce (RFC 8439, 2.3); CTR in big-endian, behind it.
  return row.vector === 'counter block' ? Buffer.concat([vector, counter]) : Buffer.concat([counter.reverse(), vector]);
}

/** The start of a counter in `length` bytes, big-endian; 0 where no Initial Counter Value is given. */
function counterBytes(initial: number | undefined, length: number): Buffer {
  const start = initial ?? 0;
  if (start < 0 || start >= 256 ** length) {
    throw new KmipError('bad-parameters', 'the Initial Counter Value does not fit the counter');
  }
  const bytes = Buffer.alloc(Math.max(length, 4));
  bytes.writeUInt32BE(start, bytes.length - 4);
  return bytes.subarray(bytes.length - length);
}
