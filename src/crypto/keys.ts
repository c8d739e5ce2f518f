import { Buffer } from 'node:buffer';
import { createSecretKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CertificateType, CryptographicAlgorithm, KeyFormatType, ObjectType } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import type { KeyBlock, KeyMaterial } from '../kmip/structures/key-block.ts';
import type { TransparentSymmetricKey } from '../kmip/structures/transparent-keys.ts';
import { algorithmRow, includesLength, isSymmetric, keyBytes } from './algorithms.ts';
import { isEncryptedPrivateKey, readPrivateKey, readPublicKey } from './asymmetric.ts';
import { curveNamed } from './curves.ts';

/** A key ready for use. */
export interface KeyHandle {
  readonly object: KeyObject;
  /** Undefined for Secret Data, whose parameters have to tell. */
  readonly algorithm: CryptographicAlgorithm | undefined;
  /** The bytes of a secret key; 0 for public and private keys. */
  readonly bytes: number;
}

/** What the attributes of a key say, and what its material must agree with. */
export interface KeyFacts {
  readonly algorithm: CryptographicAlgorithm;
  /** Cryptographic Length, in bits. */
  readonly length: number;
}

const A = CryptographicAlgorithm;
const handles = new WeakMap<ManagedObjectValue, KeyHandle>();

/**
 * The key of an opened object: Symmetric Key, Private Key, Public Key, Secret Data, or the public key of a Certificate.
 * It is made once for a value and found again with it. Throws `wrong-type` for other objects, `key-value-not-present`,
 * `feature-not-supported` for a key that is still wrapped, and what `readPrivateKey` throws.
 */
export function openKey(value: ManagedObjectValue): KeyHandle {
  let handle = handles.get(value);
  if (handle === undefined) {
    handle = makeHandle(value);
    handles.set(value, handle);
  }
  return handle;
}

/** The clear key material of a Key Block; throws `key-value-not-present`, or `feature-not-supported` if it is wrapped. */
export function clearMaterial(block: KeyBlock): KeyMaterial {
  const { keyValue, keyWrappingData } = block;
  if (keyValue === undefined) throw new KmipError('key-value-not-present', 'the key value is not on the server');
  if (Buffer.isBuffer(keyValue) || keyWrappingData !== undefined) {
    throw new KmipError('feature-not-supported', 'the key is wrapped with a key that the server cannot use');
  }
  return keyValue.keyMaterial;
}

/** The bytes of a symmetric key or of secret data: Raw, Opaque or Transparent Symmetric Key. */
export function secretBytes(block: KeyBlock): Buffer {
  const material = clearMaterial(block);
  if (Buffer.isBuffer(material)) return material;
  if (block.keyFormatType === KeyFormatType.TransparentSymmetricKey) return (material as TransparentSymmetricKey).key;
  throw new KmipError('key-format-not-supported', 'the Key Format Type is not one of symmetric keys');
}

/**
 * Checks a key that a client brings, and tells its algorithm and length. `given` are the attributes beside it, which
 * may stand in for what the Key Block leaves out. Refused with `invalid-field` are keys that are none, and an
 * algorithm or a length that the material contradicts. A wrapped key, or one whose value is elsewhere, is believed.
 */
export function checkKey(value: ManagedObjectValue, given: Partial<KeyFacts>): Partial<KeyFacts> {
  if (value.type === ObjectType.Certificate) return certificateFacts(value.certificateType, value.certificateValue);
  if (value.type === ObjectType.SymmetricKey || value.type === ObjectType.SecretData) {
    const facts = mergedFacts(value.keyBlock, given);
    if (isClear(value.keyBlock)) return checkSecret(value.type, secretBytes(value.keyBlock), facts);
    return facts;
  }
  if (value.type !== ObjectType.PublicKey && value.type !== ObjectType.PrivateKey) return {};
  const facts = mergedFacts(value.keyBlock, given);
  if (!isClear(value.keyBlock) || isKeptOnly(value.keyBlock)) return facts;
  return checkPairHalf(openKey(value).object, facts);
}

/**
 * A key whose Key Block says what `checkKey` found out: algorithm and length may have come with the attributes only
 * (NooBaa), but clients want to read them in the Key Block (Swift, Ceph), and so does `openKey`.
 */
export function completeKey(value: ManagedObjectValue, facts: Partial<KeyFacts>): ManagedObjectValue {
  const { algorithm, length } = facts;
  if (!('keyBlock' in value) || value.type === ObjectType.SecretData || algorithm === undefined) return value;
  const { keyBlock } = value;
  if (keyBlock.cryptographicAlgorithm !== undefined && keyBlock.cryptographicLength !== undefined) return value;
  const completed: KeyBlock = {
    ...keyBlock,
    cryptographicAlgorithm: algorithm,
    ...(length !== undefined && { cryptographicLength: length }),
  };
  return { ...value, keyBlock: completed };
}

/** Formats that are stored without a look inside. */
const keptOnly: readonly KeyFormatType[] = [
  KeyFormatType.Opaque,
  KeyFormatType.TransparentDHPrivateKey,
  KeyFormatType.TransparentDHPublicKey,
];

/**
 * Formats that are not read, and PKCS#8 that is encrypted with a password which the client alone knows
 * (EncryptedPrivateKeyInfo of RFC 5958, 3; published case TC-ECC-2): kept without a look inside.
 */
function isKeptOnly(block: KeyBlock): boolean {
  if (keptOnly.includes(block.keyFormatType)) return true;
  const material = clearMaterial(block);
  return block.keyFormatType === KeyFormatType.PKCS_8 && Buffer.isBuffer(material) && isEncryptedPrivateKey(material);
}

function isClear({ keyValue, keyWrappingData }: KeyBlock): boolean {
  return keyValue !== undefined && !Buffer.isBuffer(keyValue) && keyWrappingData === undefined;
}

function mergedFacts(block: KeyBlock, given: Partial<KeyFacts>): Partial<KeyFacts> {
  const algorithm = block.cryptographicAlgorithm ?? given.algorithm;
  const length = block.cryptographicLength ?? given.length;
  if (algorithm !== (given.algorithm ?? algorithm)) throw contradiction('Cryptographic Algorithm');
  if (length !== (given.length ?? length)) throw contradiction('Cryptographic Length');
  return { ...(algorithm !== undefined && { algorithm }), ...(length !== undefined && { length }) };
}

function checkSecret(type: ObjectType, material: Buffer, facts: Partial<KeyFacts>): Partial<KeyFacts> {
  const { algorithm } = facts;
  if (material.length === 0) throw new KmipError('invalid-field', 'the key material is empty');
  // Secret Data needs neither algorithm nor length (Table "Key Block"); what a client says of it is kept.
  if (type === ObjectType.SecretData) return facts;
  if (algorithm === undefined) throw new KmipError('invalid-field', 'the Cryptographic Algorithm is missing');
  const row = algorithmRow(algorithm);
  if (row === undefined) throw new KmipError('feature-not-supported', 'the Cryptographic Algorithm is not supported');
  if (!isSymmetric(row)) throw contradiction('Cryptographic Algorithm');
  const length = facts.length ?? material.length * 8;
  if (keyBytes(algorithm, length) !== material.length) throw contradiction('Cryptographic Length');
  if (!includesLength(row.register, length)) {
    throw new KmipError('invalid-field', 'the algorithm has no keys of this length');
  }
  return { algorithm, length };
}

function checkPairHalf(key: KeyObject, facts: Partial<KeyFacts>): KeyFacts {
  const found = factsOf(key);
  const algorithm = facts.algorithm ?? found.algorithm;
  const row = algorithmRow(algorithm);
  const isEc = row?.kind === 'ec' && found.algorithm === A.EC;
  if (row === undefined || (algorithm !== found.algorithm && !isEc)) throw contradiction('Cryptographic Algorithm');
  // 255 bits is as good a name for Ed25519 as 256.
  const length = row.kind === 'edwards' ? (facts.length ?? found.length) : found.length;
  if (facts.length !== undefined && facts.length !== length) throw contradiction('Cryptographic Length');
  if (!includesLength(row.register, length)) throw new KmipError('invalid-field', 'keys of this length are not taken');
  return { algorithm, length };
}

const otherTypes: Readonly<Record<string, KeyFacts>> = {
  ed25519: { algorithm: A.Ed25519, length: 256 },
  ed448: { algorithm: A.Ed448, length: 456 },
  x25519: { algorithm: A.EC, length: 256 },
  x448: { algorithm: A.EC, length: 448 },
};

/** Algorithm and length of a public or private key; undefined for kinds of keys that the standard has not. */
export function knownFacts(key: KeyObject): KeyFacts | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength) return { algorithm: A.RSA, length: modulusLength };
  if (key.asymmetricKeyType === 'dsa' && modulusLength) return { algorithm: A.DSA, length: modulusLength };
  const curve = curveNamed(namedCurve);
  if (key.asymmetricKeyType === 'ec' && curve) return { algorithm: A.EC, length: curve.bits };
  return otherTypes[key.asymmetricKeyType ?? ''];
}

/** As `knownFacts`, but `invalid-field` where there are none. */
export function factsOf(key: KeyObject): KeyFacts {
  const facts = knownFacts(key);
  if (facts === undefined)
    throw new KmipError('invalid-field', 'keys of this kind, or on this curve, are not supported');
  return facts;
}

function makeHandle(value: ManagedObjectValue): KeyHandle {
  switch (value.type) {
    case ObjectType.SymmetricKey:
    case ObjectType.SecretData:
      return secretHandle(value.keyBlock);
    case ObjectType.PrivateKey:
      return pairHandle(readPrivateKey(value.keyBlock.keyFormatType, clearMaterial(value.keyBlock)), value.keyBlock);
    case ObjectType.PublicKey:
      return pairHandle(readPublicKey(value.keyBlock.keyFormatType, clearMaterial(value.keyBlock)), value.keyBlock);
    case ObjectType.Certificate:
      return certificateHandle(value.certificateType, value.certificateValue);
    default:
      throw new KmipError('wrong-type', 'the object is no key');
  }
}

function secretHandle(block: KeyBlock): KeyHandle {
  const material = secretBytes(block);
  return { object: createSecretKey(material), algorithm: block.cryptographicAlgorithm, bytes: material.length };
}

function pairHandle(object: KeyObject, block: KeyBlock): KeyHandle {
  return { object, algorithm: block.cryptographicAlgorithm ?? factsOf(object).algorithm, bytes: 0 };
}

function certificateHandle(type: CertificateType, certificate: Buffer): KeyHandle {
  const object = certificateKey(type, certificate);
  return { object, algorithm: factsOf(object).algorithm, bytes: 0 };
}

/** A certificate may have a key that the standard has no algorithm for: then there is nothing to tell of it. */
function certificateFacts(type: CertificateType, certificate: Buffer): Partial<KeyFacts> {
  return knownFacts(certificateKey(type, certificate)) ?? {};
}

function certificateKey(type: CertificateType, certificate: Buffer): KeyObject {
  if (type !== CertificateType.X_509) {
    throw new KmipError('feature-not-supported', 'the only certificates here are those of X.509');
  }
  try {
    return new X509Certificate(certificate).publicKey;
  } catch (cause) {
    throw new KmipError('invalid-field', 'the Certificate Value is no X.509 certificate', { cause });
  }
}

function contradiction(field: string): KmipError {
  return new KmipError('invalid-field', `the ${field} is not that of the key material`);
}
