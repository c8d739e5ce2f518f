import type { Buffer } from 'node:buffer';
import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { CryptographicAlgorithm, HashingAlgorithm } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import { hashOf } from './hashes.ts';
import type { KeyHandle } from './keys.ts';

const A = CryptographicAlgorithm;
const H = HashingAlgorithm;

const hmacs = new Map<CryptographicAlgorithm, HashingAlgorithm>([
  [A.HMAC_MD5, H.MD5],
  [A.HMAC_SHA1, H.SHA_1],
  [A.HMAC_SHA224, H.SHA_224],
  [A.HMAC_SHA256, H.SHA_256],
  [A.HMAC_SHA384, H.SHA_384],
  [A.HMAC_SHA512, H.SHA_512],
  [A.HMAC_SHA3_224, H.SHA3_224],
  [A.HMAC_SHA3_256, H.SHA3_256],
  [A.HMAC_SHA3_384, H.SHA3_384],
  [A.HMAC_SHA3_512, H.SHA3_512],
]);

/**
 * A MAC over a message that comes in parts: `update(data)` for each, then `digest()`. The algorithm is that of the
 * effective parameters (an AES key may be used for HMAC: published case TC-STREAM-MAC), else the key's, else HMAC with
 * the Hashing Algorithm. Throws `wrong-type` for keys that are not secret, `bad-parameters` where nothing tells.
 */
export function startMac(key: KeyHandle, parameters: CryptographicParameters): Hmac {
  if (key.object.type !== 'secret') throw new KmipError('wrong-type', 'MACs are made with symmetric keys');
  const { cryptographicAlgorithm, hashingAlgorithm, blockCipherMode } = parameters;
  if (blockCipherMode !== undefined) {
    throw new KmipError('unsupported-parameters', 'MACs of block ciphers are not supported');
  }
  const hash = hmacOf(cryptographicAlgorithm) ?? hmacOf(key.algorithm) ?? hashingAlgorithm;
  if (hash === undefined) throw new KmipError('bad-parameters', 'the algorithm of the MAC is missing');
  return createHmac(hashOf(hash).name, key.object);
}

/** The MAC of a message. */
export function mac(key: KeyHandle, parameters: CryptographicParameters, data: Buffer): Buffer {
  return startMac(key, parameters).update(data).digest();
}

/** Whether two MACs are the same; the time does not tell where they differ. Truncated ones are not accepted. */
export function sameMac(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function hmacOf(algorithm: CryptographicAlgorithm | undefined): HashingAlgorithm | undefined {
  return algorithm === undefined ? undefined : hmacs.get(algorithm);
}
