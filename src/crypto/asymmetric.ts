import type { Buffer } from 'node:buffer';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { KeyFormatType } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type { TransparentKey } from '../kmip/structures/transparent-keys.ts';
import { curveNamed, multiplyBasePoint } from './curves.ts';
import { DerTag, derChildren, derUnsigned, readDer } from './der.ts';
import { MOST_NUMBER_BYTES } from './modular.ts';
import {
  ecPrivateFields,
  ecScalar,
  privateFromTransparent,
  publicFromTransparent,
  rsaNumbers,
  rsaPublicKey,
} from './transparent.ts';

/** The material of a key: bytes, or a structure where the Key Format Type is a transparent one. */
export type AsymmetricMaterial = Buffer | TransparentKey;

type Parser = (bytes: Buffer) => KeyObject;

const F = KeyFormatType;

/**
 * OpenSSL takes each of these encodings for any other, and with bytes behind it, so that the outer structure is looked
 * at first.
 */
const privateParsers = new Map<KeyFormatType, Parser>([
  [
    F.PKCS_1,
    (bytes) => {
      if (rsaNumbers(bytes) === undefined) throw noKey('no RSAPrivateKey of PKCS#1, or its numbers are no key');
      return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs1' });
    },
  ],
  [
    F.PKCS_8,
    (bytes) => {
      // PrivateKeyInfo: SEQUENCE { version, AlgorithmIdentifier, OCTET STRING, ... }; encrypted ones begin otherwise.
      expectTags(bytes, [DerTag.Integer, DerTag.Sequence, DerTag.OctetString]);
      refuseLongNumbers(bytes);
      return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
    },
  ],
  [
    F.ECPrivateKey,
    (bytes) => {
      if (ecPrivateFields(bytes).parameters === undefined) throw noKey('the ECPrivateKey names no curve');
      return createPrivateKey({ key: bytes, format: 'der', type: 'sec1' });
    },
  ],
]);

const publicParsers = new Map<KeyFormatType, Parser>([
  [
    F.PKCS_1,
    (bytes) => {
      const numbers = derChildren(readDer(bytes, DerTag.Sequence)).map(derUnsigned);
      if (numbers.length !== 2) throw noKey('no RSAPublicKey of PKCS#1');
      return rsaPublicKey(bytes);
    },
  ],
  [
    F.X_509,
    (bytes) => {
      expectTags(bytes, [DerTag.Sequence, DerTag.BitString]);
      return createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    },
  ],
]);

/**
 * Reads the material of a private key: PKCS#1, PKCS#8 (not encrypted), ECPrivateKey or transparent. Throws
 * `invalid-field` where it is no such key or its public and private half do not belong together, and
 * `key-format-not-supported` for formats that the server does not read.
 */
export function readPrivateKey(format: KeyFormatType, material: AsymmetricMaterial): KeyObject {
  const key = read(format, material, { parsers: privateParsers, transparent: privateFromTransparent });
  if (!halvesAgree(format, key)) throw noKey('the public half does not belong to the private one');
  return key;
}

/** Reads the material of a public key: PKCS#1, X.509 (SubjectPublicKeyInfo) or transparent; throws as above. */
export function readPublicKey(format: KeyFormatType, material: AsymmetricMaterial): KeyObject {
  return read(format, material, { parsers: publicParsers, transparent: publicFromTransparent });
}

/** EncryptedPrivateKeyInfo: SEQUENCE { AlgorithmIdentifier, OCTET STRING }. */
export function isEncryptedPrivateKey(material: Buffer): boolean {
  try {
    expectTags(material, [DerTag.Sequence, DerTag.OctetString]);
    return true;
  } catch {
    return false;
  }
}

interface Readers {
  readonly parsers: ReadonlyMap<KeyFormatType, Parser>;
  readonly transparent: (format: KeyFormatType, key: TransparentKey) => KeyObject;
}

function read(format: KeyFormatType, material: AsymmetricMaterial, readers: Readers): KeyObject {
  try {
    if (!(material instanceof Uint8Array)) return readers.transparent(format, material);
    const parser = readers.parsers.get(format);
    if (parser === undefined) throw new KmipError('key-format-not-supported', 'the Key Format Type is not supported');
    return parser(material);
  } catch (error) {
    // OpenSSL's own words are for the log: they tell of its build, and nothing that helps the client.
    throw error instanceof KmipError ? error : noKey('the key material is no key of its Key Format Type', error);
  }
}

/** In the other formats RSA keys were checked already; Ed25519 and the like have no public half that could disagree. */
function halvesAgree(format: KeyFormatType, key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'rsa') {
    return format !== F.PKCS_8 || rsaNumbers(key.export({ format: 'der', type: 'pkcs1' })) !== undefined;
  }
  if (key.asymmetricKeyType !== 'ec') return true;
  const curve = curveNamed(key.asymmetricKeyDetails?.namedCurve);
  if (curve === undefined) throw noKey('the curve of the key is not supported');
  const { point } = ecPrivateFields(key.export({ format: 'der', type: 'sec1' }));
  const own = multiplyBasePoint(curve, ecScalar(key));
  // The x coordinate tells: points in the compressed form have no other.
  return point === undefined || point.subarray(1, 1 + curveBytes(own)).equals(own.subarray(1, 1 + curveBytes(own)));
}

/** The bytes of a coordinate of an uncompressed point. */
function curveBytes(point: Buffer): number {
  return (point.length - 1) / 2;
}

function expectTags(bytes: Buffer, tags: readonly number[]): void {
  const found = derChildren(readDer(bytes, DerTag.Sequence));
  if (tags.some((tag, index) => found[index]?.tag !== tag)) throw noKey('the key material has another structure');
}

/**
 * OpenSSL computes the public half of a DSA or DH key while it reads the private one, however long the numbers are: the
 * parameters are INTEGERs, and the secret is one.
 */
function refuseLongNumbers(pkcs8: Buffer): void {
  const [, algorithm, secret] = derChildren(readDer(pkcs8));
  const parameters = algorithm && derChildren(algorithm)[1];
  if (parameters?.tag !== DerTag.Sequence || secret === undefined) return;
  const integers = derChildren(parameters).filter(({ tag }) => tag === DerTag.Integer);
  if (integers.length > 0 && [...integers, secret].some(({ body }) => body.length > MOST_NUMBER_BYTES)) {
    throw noKey('a number of the key is too long');
  }
}

function noKey(message: string, cause?: unknown): KmipError {
  return new KmipError('invalid-field', message, { cause });
}
