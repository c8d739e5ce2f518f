import { Buffer } from 'node:buffer';
import {
  constants,
  createHash,
  hash as digestOf,
  type Hash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  type SignKeyObjectInput,
  sign as signData,
  timingSafeEqual,
  verify as verifyData,
} from 'node:crypto';
import { promisify } from 'node:util';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import { signDigest, verifyDigest } from './ecdsa-digest.ts';
import { cryptoFailed } from './failure.ts';
import type { KeyHandle } from './keys.ts';
import { inThreadPool } from './pool.ts';
import { encodePss, verifyPss } from './rsa-padding.ts';
import { type SignatureScheme, signatureScheme } from './signature-scheme.ts';

/** What is signed: the message, or its digest (Digested Data, since KMIP 1.4). `parameters` are the effective ones. */
export type SignatureInput =
  | { readonly parameters: CryptographicParameters; readonly data: Buffer }
  | { readonly parameters: CryptographicParameters; readonly digestedData: Buffer };

const { RSA_NO_PADDING, RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_AUTO } = constants;
const signInPool = promisify(signData);

/**
 * Signs with a private key: RSA PKCS#1 v1.5 and PSS (RFC 8017, 8), ECDSA and DSA (the signature in DER), Ed25519 and
 * Ed448. Digested Data must have the length of the hash; where no hash is named and the length is not the default's, an
 * RSA key signs it as it is (published case TC-RSA-SIGN-DIGESTEDDATA), and an EC key always does.
 */
export async function sign(key: KeyHandle, input: SignatureInput): Promise<Buffer> {
  if (key.object.type !== 'private') throw new KmipError('wrong-type', 'signing is for private keys');
  const scheme = signatureScheme(key, input.parameters);
  if (!('data' in input)) return signDigested(key.object, scheme, input.digestedData);
  if (scheme.maskHash !== scheme.hash) {
    return signDigested(key.object, scheme, digestOf(scheme.hash.name, input.data, 'buffer'));
  }
  const name = scheme.kind === 'EdDSA' ? null : scheme.hash.name;
  const options = { key: key.object, ...paddingOptions(scheme, scheme.hash.bytes) };
  try {
    if (key.object.asymmetricKeyType !== 'rsa') return signData(name, input.data, options);
    return await inThreadPool(() => signInPool(name, input.data, options));
  } catch (cause) {
    throw new KmipError('bad-parameters', 'the key is too short for the hash and the Salt Length', { cause });
  }
}

/** Whether a signature is the key's; whatever cannot be a signature is not. Errors tell of parameters only. */
export async function verify(key: KeyHandle, input: SignatureInput, signature: Buffer): Promise<boolean> {
  if (key.object.type !== 'public') throw new KmipError('wrong-type', 'signatures are verified with public keys');
  const scheme = signatureScheme(key, input.parameters);
  try {
    if (!('data' in input)) return verifyDigested(key.object, scheme, { digest: input.digestedData, signature });
    if (scheme.maskHash !== scheme.hash) {
      const digest = digestOf(scheme.hash.name, input.data, 'buffer');
      return verifyDigested(key.object, scheme, { digest, signature });
    }
    const name = scheme.kind === 'EdDSA' ? null : scheme.hash.name;
    const options = { key: key.object, ...paddingOptions(scheme, RSA_PSS_SALTLEN_AUTO) };
    return verifyData(name, input.data, options, signature);
  } catch (error) {
    if (error instanceof KmipError) throw error;
    return false;
  }
}

/**
 * The hash of a message that comes in parts: its digest is then signed or verified as Digested Data with the same
 * parameters. `feature-not-supported` for Ed25519 and Ed448, which hash the message twice, and for DSA, for whose
 * digests node:crypto has nothing.
 */
export function messageHash(key: KeyHandle, parameters: CryptographicParameters): Hash {
  const scheme = signatureScheme(key, parameters);
  if (scheme.kind === 'EdDSA' || scheme.kind === 'DSA') {
    throw new KmipError('feature-not-supported', 'the key signs whole messages only');
  }
  return createHash(scheme.hash.name);
}

function paddingOptions(scheme: SignatureScheme, salt: number): Partial<SignKeyObjectInput> {
  if (scheme.kind === 'PKCS#1 v1.5') return { padding: RSA_PKCS1_PADDING };
  return scheme.kind === 'PSS' ? { padding: RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength ?? salt } : {};
}

function signDigested(key: KeyObject, scheme: SignatureScheme, digest: Buffer): Buffer {
  if (scheme.kind === 'ECDSA') return signDigest(key, checkedDigest(scheme, digest)) ?? throwFailed();
  if (scheme.kind === 'PKCS#1 v1.5') {
    try {
      return privateEncrypt({ key, padding: RSA_PKCS1_PADDING }, digestInfo(scheme, digest));
    } catch (cause) {
      throw new KmipError('invalid-field', 'the Digested Data is too long for the key', { cause });
    }
  }
  if (scheme.kind !== 'PSS') throw notDigested();
  const bits = modulusLength(key);
  const encoded = encodePss(checkedDigest(scheme, digest), bits, scheme, scheme.saltLength ?? scheme.hash.bytes);
  if (encoded === undefined) throw new KmipError('bad-parameters', 'the key is too short for the hash and Salt Length');
  const padded = Buffer.concat([Buffer.alloc(Math.ceil(bits / 8) - encoded.length), encoded]);
  return privateEncrypt({ key, padding: RSA_NO_PADDING }, padded);
}

interface DigestAndSignature {
  readonly digest: Buffer;
  readonly signature: Buffer;
}

function verifyDigested(key: KeyObject, scheme: SignatureScheme, { digest, signature }: DigestAndSignature): boolean {
  if (scheme.kind === 'ECDSA') return verifyDigest(key, checkedDigest(scheme, digest), signature);
  if (scheme.kind === 'PKCS#1 v1.5') {
    const expected = digestInfo(scheme, digest);
    const found = publicDecrypt({ key, padding: RSA_PKCS1_PADDING }, signature);
    return found.length === expected.length && timingSafeEqual(found, expected);
  }
  if (scheme.kind !== 'PSS') throw notDigested();
  const bits = modulusLength(key);
  const decrypted = publicDecrypt({ key, padding: RSA_NO_PADDING }, signature);
  const surplus = decrypted.length - Math.ceil((bits - 1) / 8);
  if (decrypted.subarray(0, surplus).some((byte) => byte !== 0)) return false;
  return verifyPss(checkedDigest(scheme, digest), decrypted.subarray(surplus), bits, scheme);
}

/** What PKCS#1 v1.5 pads: the DigestInfo; bare data, where no hash is named and it cannot be the default's digest. */
function digestInfo(scheme: SignatureScheme, digest: Buffer): Buffer {
  if (!scheme.hashGiven && digest.length !== scheme.hash.bytes) return digest;
  return Buffer.concat([scheme.hash.digestInfo, checkedDigest(scheme, digest)]);
}

/** ECDSA needs no hash to sign a digest; where one is named, the length has to be right. */
function checkedDigest(scheme: SignatureScheme, digest: Buffer): Buffer {
  const free = scheme.kind === 'ECDSA' && !scheme.hashGiven;
  if (!free && digest.length !== scheme.hash.bytes) {
    throw new KmipError('invalid-field', 'the Digested Data has not the length of the Hashing Algorithm');
  }
  return digest;
}

function modulusLength(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0;
}

function notDigested(): KmipError {
  return new KmipError('unsupported-parameters', 'keys of this algorithm do not sign Digested Data');
}

function throwFailed(): never {
  throw cryptoFailed();
}
