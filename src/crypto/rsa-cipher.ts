import { Buffer } from 'node:buffer';
import { constants, privateDecrypt, publicEncrypt, webcrypto } from 'node:crypto';
import { HashingAlgorithm, PaddingMethod } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import { cryptoFailed } from './failure.ts';
import { type HashRow, hashOf } from './hashes.ts';
import type { KeyHandle } from './keys.ts';
import { inThreadPool } from './pool.ts';
import { decodeOaep, encodeOaep, type PaddingHashes } from './rsa-padding.ts';

const { RSA_NO_PADDING, RSA_PKCS1_OAEP_PADDING, RSA_PKCS1_PADDING } = constants;

/** Encrypts with an RSA public key: RSAES-PKCS1-v1_5 or RSAES-OAEP (RFC 8017, 7). */
export function encryptRsa(key: KeyHandle, parameters: CryptographicParameters, data: Buffer): Buffer {
  if (key.object.type !== 'public') throw new KmipError('wrong-type', 'encryption is for symmetric and public keys');
  const oaep = oaepOf(key, parameters);
  try {
    if (oaep === undefined) return publicEncrypt({ key: key.object, padding: RSA_PKCS1_PADDING }, data);
    if (oaep.hash === oaep.maskHash) {
      const { hash, label } = oaep;
      return publicEncrypt(
        { key: key.object, padding: RSA_PKCS1_OAEP_PADDING, oaepHash: hash.name, oaepLabel: label },
        data,
      );
    }
    const encoded = encodeOaep(data, modulusBytes(key), oaep, oaep.label);
    if (encoded !== undefined) return publicEncrypt({ key: key.object, padding: RSA_NO_PADDING }, encoded);
  } catch (cause) {
    throw new KmipError('invalid-field', 'the Data is too long for the key and the Padding Method', { cause });
  }
  throw new KmipError('invalid-field', 'the Data is too long for the key and the Padding Method');
}

/**
 * Decrypts with an RSA private key. A wrong OAEP encoding is `crypto-failed`. A wrong PKCS#1 v1.5 encoding yields random
 * data instead (implicit rejection, as OpenSSL does it), so that no one learns which ciphertexts are well-formed.
 *
 * OAEP with hashes that Web Cryptography has runs in the thread pool. node:crypto has no asynchronous form of the
 * others; they keep the event loop busy for 0.6 ms with 2048 bits, 4 ms with 4096.
 */
export async function decryptRsa(key: KeyHandle, parameters: CryptographicParameters, data: Buffer): Promise<Buffer> {
  if (key.object.type !== 'private') throw new KmipError('wrong-type', 'decryption is for symmetric and private keys');
  const oaep = oaepOf(key, parameters);
  try {
    if (oaep === undefined) return privateDecrypt({ key: key.object, padding: RSA_PKCS1_PADDING }, data);
    const web = oaep.hash === oaep.maskHash ? webHashes.get(oaep.hash.algorithm) : undefined;
    if (web !== undefined) return await decryptOaep(key, { hash: web, label: oaep.label }, data);
    const encoded = privateDecrypt({ key: key.object, padding: RSA_NO_PADDING }, data);
    const message = decodeOaep(encoded, oaep, oaep.label);
    if (message !== undefined) return message;
  } catch (cause) {
    throw cryptoFailed(cause);
  }
  throw cryptoFailed();
}

/** The names in Web Cryptography. */
const webHashes = new Map<HashingAlgorithm, string>([
  [HashingAlgorithm.SHA_1, 'SHA-1'],
  [HashingAlgorithm.SHA_256, 'SHA-256'],
  [HashingAlgorithm.SHA_384, 'SHA-384'],
  [HashingAlgorithm.SHA_512, 'SHA-512'],
]);

async function decryptOaep(key: KeyHandle, { hash, label }: { hash: string; label: Buffer }, data: Buffer) {
  const cryptoKey = key.object.toCryptoKey({ name: 'RSA-OAEP', hash }, false, ['decrypt']);
  const algorithm = { name: 'RSA-OAEP', label: new Uint8Array(label) };
  const plain = await inThreadPool(() => webcrypto.subtle.decrypt(algorithm, cryptoKey, new Uint8Array(data)));
  return Buffer.from(plain);
}

interface Oaep extends PaddingHashes {
  readonly label: Buffer;
}

/**
 * The hashes and the label of OAEP; undefined: PKCS#1 v1.5. The Hashing Algorithm is SHA-1 where none is given (RFC
 * 8017, A.2.1), and the mask generator's is the same one: the default of the standard's text, SHA-1 beside any hash, is
 * what no library does.
 */
function oaepOf(key: KeyHandle, parameters: CryptographicParameters): Oaep | undefined {
  const { paddingMethod, hashingAlgorithm = HashingAlgorithm.SHA_1, maskGeneratorHashingAlgorithm } = parameters;
  if (key.object.asymmetricKeyType !== 'rsa') {
    throw new KmipError('unsupported-parameters', 'keys of this algorithm do not encrypt');
  }
  if (paddingMethod === PaddingMethod.PKCS1V1_5) return undefined;
  if (paddingMethod === undefined) throw new KmipError('bad-parameters', 'the Padding Method is missing');
  if (paddingMethod !== PaddingMethod.OAEP) {
    throw new KmipError('unsupported-parameters', 'the Padding Method is not one of RSA encryption');
  }
  const hash: HashRow = hashOf(hashingAlgorithm);
  const maskHash = hashOf(maskGeneratorHashingAlgorithm ?? hashingAlgorithm);
  return { hash, maskHash, label: parameters.pSource ?? Buffer.alloc(0) };
}

function modulusBytes(key: KeyHandle): number {
  return Math.ceil((key.object.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}
