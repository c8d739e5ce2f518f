import { Buffer } from 'node:buffer';
import { ECDH, type KeyObject } from 'node:crypto';
import { KeyCompressionType, KeyFormatType, ObjectType } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import type { KeyBlock, KeyMaterial } from '../kmip/structures/key-block.ts';
import { openKey, secretBytes } from './keys.ts';
import {
  curveOfKey,
  ecPoint,
  ecPrivateFormats,
  ecPublicFormats,
  ecSubjectPublicKeyInfo,
  transparentEcPrivate,
  transparentEcPublic,
  transparentRsaPrivate,
  transparentRsaPublic,
} from './transparent.ts';

/** The form in which a client wants a key; what is absent stays as it was registered. */
export interface WantedForm {
  readonly format?: KeyFormatType | undefined;
  readonly compression?: KeyCompressionType | undefined;
}

const F = KeyFormatType;

/**
 * An object in the Key Format Type and the Key Compression Type that Get or Export ask for: the object itself where it
 * has them already, so that it leaves byte for byte as it came. Without a wanted format it keeps its own, under the name
 * that the version has for it. Throws `key-format-not-supported` and `key-compression-not-supported`.
 */
export function convertKey(value: ManagedObjectValue, wanted: WantedForm, version: Version): ManagedObjectValue {
  if (!('keyBlock' in value)) {
    if (wanted.format !== undefined) checkPlainFormat(value.type, wanted.format);
    return value;
  }
  const { keyBlock } = value;
  const format = wanted.format ?? formatIn(version, keyBlock.keyFormatType);
  const { compression } = wanted;
  const isThere = compression === undefined || compression === keyBlock.keyCompressionType;
  if (format === keyBlock.keyFormatType && isThere) return value;
  if (value.type === ObjectType.PublicKey) {
    return { ...value, keyBlock: publicBlock(openKey(value).object, keyBlock, { format, compression }) };
  }
  if (compression !== undefined) throw compressionNotSupported();
  if (value.type === ObjectType.PrivateKey) {
    return { ...value, keyBlock: withMaterial(keyBlock, format, privateMaterial(openKey(value).object, format)) };
  }
  return { ...value, keyBlock: withMaterial(keyBlock, format, secretMaterial(value.type, keyBlock, format)) };
}

/**
 * The name that a version has for a format: Transparent EC began with 1.3, and the ones for ECDSA, ECDH and ECMQV ended
 * with 1.4. Their structures are the same.
 */
export function formatIn(version: Version, format: KeyFormatType): KeyFormatType {
  if (version >= 20 && ecPrivateFormats.includes(format)) return F.TransparentECPrivateKey;
  if (version >= 20 && ecPublicFormats.includes(format)) return F.TransparentECPublicKey;
  if (version < 13 && format === F.TransparentECPrivateKey) return F.TransparentECDSAPrivateKey;
  if (version < 13 && format === F.TransparentECPublicKey) return F.TransparentECDSAPublicKey;
  return format;
}

/** Objects without a Key Block have one form, by these names; a template has none. */
const plainFormats: Partial<Readonly<Record<ObjectType, readonly KeyFormatType[]>>> = {
  [ObjectType.Certificate]: [F.X_509, F.Raw],
  [ObjectType.CertificateRequest]: [F.PKCS_10, F.Raw],
  [ObjectType.OpaqueObject]: [F.Opaque, F.Raw],
};

function checkPlainFormat(type: ObjectType, format: KeyFormatType): void {
  if (plainFormats[type]?.includes(format) !== true) throw formatNotSupported();
}

function secretMaterial(type: ObjectType, block: KeyBlock, format: KeyFormatType): KeyMaterial {
  const bytes = secretBytes(block);
  if (format === F.Raw || format === F.Opaque) return bytes;
  if (format === F.TransparentSymmetricKey && type === ObjectType.SymmetricKey) return { key: bytes };
  throw formatNotSupported();
}

function privateMaterial(key: KeyObject, format: KeyFormatType): KeyMaterial {
  if (format === F.PKCS_8) return key.export({ format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType === 'rsa') {
    if (format === F.PKCS_1) return key.export({ format: 'der', type: 'pkcs1' });
    if (format === F.TransparentRSAPrivateKey) return transparentRsaPrivate(key);
  }
  if (key.asymmetricKeyType === 'ec') {
    if (format === F.ECPrivateKey) return key.export({ format: 'der', type: 'sec1' });
    if (ecPrivateFormats.includes(format)) return transparentEcPrivate(key);
  }
  throw formatNotSupported();
}

function publicBlock(key: KeyObject, block: KeyBlock, { format, compression }: WantedForm): KeyBlock {
  const wanted = format ?? block.keyFormatType;
  if (compression === undefined) return withMaterial(block, wanted, publicMaterial(key, wanted));
  if (key.asymmetricKeyType !== 'ec') throw compressionNotSupported();
  const point = compressed(key, compression);
  if (wanted !== F.X_509 && !ecPublicFormats.includes(wanted)) throw formatNotSupported();
  const material =
    wanted === F.X_509 ? ecSubjectPublicKeyInfo(curveOfKey(key), point) : transparentEcPublic(key, point);
  return { ...withMaterial(block, wanted, material), keyCompressionType: compression };
}

function publicMaterial(key: KeyObject, format: KeyFormatType): KeyMaterial {
  if (format === F.X_509) return key.export({ format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'rsa') {
    if (format === F.PKCS_1) return key.export({ format: 'der', type: 'pkcs1' });
    if (format === F.TransparentRSAPublicKey) return transparentRsaPublic(key);
  }
  if (key.asymmetricKeyType === 'ec' && ecPublicFormats.includes(format)) {
    return transparentEcPublic(key, ecPoint(key));
  }
  throw formatNotSupported();
}

const pointForms = new Map<KeyCompressionType, 'uncompressed' | 'compressed' | 'hybrid'>([
  [KeyCompressionType.ECPublicKeyTypeUncompressed, 'uncompressed'],
  [KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime, 'compressed'],
  [KeyCompressionType.ECPublicKeyTypeX9_62CompressedChar2, 'compressed'],
  [KeyCompressionType.ECPublicKeyTypeX9_62Hybrid, 'hybrid'],
]);

/** The point of an EC public key in one of the forms of ANSI X9.62; each compressed form is for its kind of field. */
function compressed(key: KeyObject, compression: KeyCompressionType): Buffer {
  const { name } = curveOfKey(key);
  const wrongField = name.startsWith('sect')
    ? KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime
    : KeyCompressionType.ECPublicKeyTypeX9_62CompressedChar2;
  const form = pointForms.get(compression);
  if (form === undefined || compression === wrongField) throw compressionNotSupported();
  return Buffer.from(ECDH.convertKey(ecPoint(key), name, undefined, undefined, form));
}

function withMaterial(block: KeyBlock, keyFormatType: KeyFormatType, keyMaterial: KeyMaterial): KeyBlock {
  const { keyValue } = block;
  const kept = keyValue !== undefined && !Buffer.isBuffer(keyValue) ? keyValue : undefined;
  return { ...block, keyFormatType, keyValue: { ...kept, keyMaterial } };
}

function formatNotSupported(): KmipError {
  return new KmipError('key-format-not-supported', 'the object cannot be given in this Key Format Type');
}

function compressionNotSupported(): KmipError {
  return new KmipError('key-compression-not-supported', 'the object cannot be given in this Key Compression Type');
}
