import { Buffer } from 'node:buffer';
import { KeyChainError } from './error.ts';
import { ID_BYTES } from './sealed-chain.ts';

/*
 * Encrypted data. Numbers are big-endian.
 *
 *   4       'K' 'L' 'D' and the version, 1
 *   16      identifier of the chain
 *   4       number of the chain's key
 *   4       n, the length of the data
 *   4       s, the length of the sealed chain; 0 where a store keeps the chain
 *   s       the sealed chain                                      up to here: the header
 *   60      the data's own key (32 bytes): nonce (12), ciphertext, tag (16); AES-256-GCM under a key derived from the
 *           chain's key; additional data: the header
 *   28+n    the data: nonce (12), ciphertext, tag (16); AES-256-GCM under its own key; additional data: all before, then
 *           the caller's associated data, to the end
 *
 * The lengths make the additional data unambiguous. Everything that is told apart in the errors stands in clear.
 */
const MAGIC = Buffer.from('KLD\x01', 'latin1');
const FIXED_BYTES = MAGIC.length + ID_BYTES + 12;
const WRAPPED_BYTES = 60;
const ENVELOPE_BYTES = 28;

/** What the header says. */
export interface Header {
  readonly chainId: Buffer;
  readonly keyNumber: number;
  /** Length of the data before it was encrypted. */
  readonly length: number;
  /** The sealed chain; empty where a store keeps it. */
  readonly beside: Buffer;
}

/** Encrypted data, cut into its parts: views of it. */
export interface EncryptedData extends Header {
  /** The header's bytes: the additional data of the wrapped key. */
  readonly header: Buffer;
  /** Header and wrapped key: what the additional data of the data begins with. */
  readonly prefix: Buffer;
  readonly wrappedKey: Buffer;
  readonly sealedData: Buffer;
}

/** The bytes of a header. */
export function writeHeader({ chainId, keyNumber, length, beside }: Header): Buffer {
  const header = Buffer.allocUnsafe(FIXED_BYTES + beside.length);
  header.set(MAGIC);
  header.set(chainId, 4);
  header.writeUInt32BE(keyNumber, 20);
  header.writeUInt32BE(length, 24);
  header.writeUInt32BE(beside.length, 28);
  header.set(beside, FIXED_BYTES);
  return header;
}

/** Cuts encrypted data into its parts. Throws KeyChainError `malformed`, `truncated`. */
export function readEncryptedData(bytes: Buffer): EncryptedData {
  const start = Math.min(bytes.length, MAGIC.length);
  if (MAGIC.compare(bytes, 0, start, 0, start) !== 0) {
    throw new KeyChainError('malformed', 'the bytes are not encrypted data of this version');
  }
  if (bytes.length < FIXED_BYTES) throw truncated();
  const length = bytes.readUInt32BE(24);
  const headerEnd = FIXED_BYTES + bytes.readUInt32BE(28);
  const dataAt = headerEnd + WRAPPED_BYTES;
  const end = dataAt + ENVELOPE_BYTES + length;
  if (bytes.length < end) throw truncated();
  if (bytes.length > end) throw new KeyChainError('malformed', 'there are bytes behind the end of the encrypted data');
  return {
    chainId: bytes.subarray(4, 20),
    keyNumber: bytes.readUInt32BE(20),
    length,
    beside: bytes.subarray(FIXED_BYTES, headerEnd),
    header: bytes.subarray(0, headerEnd),
    prefix: bytes.subarray(0, dataAt),
    wrappedKey: bytes.subarray(headerEnd, dataAt),
    sealedData: bytes.subarray(dataAt),
  };
}

function truncated(): KeyChainError {
  return new KeyChainError('truncated', 'the bytes end before the encrypted data does');
}
