import { Buffer } from 'node:buffer';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { fromUnsigned, toBigInt, toUnsigned } from '../../ttlv/item.ts';
import { KeyFormatType, type RecommendedCurve } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import type {
  TransparentDsaPrivateKey,
  TransparentDsaPublicKey,
  TransparentEcPrivateKey,
  TransparentEcPublicKey,
  TransparentKey,
  TransparentRsaPrivateKey,
  TransparentRsaPublicKey,
} from '../kmip/structures/transparent-keys.ts';
import { type Curve, curveNamed, curveOf, multiplyBasePoint, namedParameters } from './curves.ts';
import {
  type DerElement,
  DerTag,
  derBits,
  derChildren,
  derUnsigned,
  readDer,
  writeDer,
  writeDerBits,
  writeDerUnsigned,
} from './der.ts';
import { isTooLong, unsignedBytes } from './modular.ts';
import { completeRsa, type RsaNumbers } from './rsa-numbers.ts';

const F = KeyFormatType;
const idEcPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');
const idDsa = Buffer.from('06072a8648ce380401', 'hex');
const rsaFields = [
  'modulus',
  'publicExponent',
  'privateExponent',
  'p',
  'q',
  'primeExponentP',
  'primeExponentQ',
  'crtCoefficient',
] as const;

/** The key of a transparent Private Key (KMIP 2.1, 3.5 to 3.11); `invalid-field` where its numbers are no key. */
export function privateFromTransparent(format: KeyFormatType, key: TransparentKey): KeyObject {
  if (format === F.TransparentRSAPrivateKey) return rsaPrivate(key as TransparentRsaPrivateKey);
  if (format === F.TransparentDSAPrivateKey) return dsaPrivate(key as TransparentDsaPrivateKey);
  if (ecPrivateFormats.includes(format)) return ecPrivate(key as TransparentEcPrivateKey);
  throw new KmipError('key-format-not-supported', 'private keys of this Key Format Type are not supported');
}

/** The key of a transparent Public Key (KMIP 2.1, 3.6 to 3.12). */
export function publicFromTransparent(format: KeyFormatType, key: TransparentKey): KeyObject {
  if (format === F.TransparentRSAPublicKey) return rsaPublic(key as TransparentRsaPublicKey);
  if (format === F.TransparentDSAPublicKey) return dsaPublic(key as TransparentDsaPublicKey);
  if (ecPublicFormats.includes(format)) return ecPublic(key as TransparentEcPublicKey);
  throw new KmipError('key-format-not-supported', 'public keys of this Key Format Type are not supported');
}

/** The formats with Recommended Curve and D; all but the last ended with KMIP 1.4. */
export const ecPrivateFormats: readonly KeyFormatType[] = [
  F.TransparentECDSAPrivateKey,
  F.TransparentECDHPrivateKey,
  F.TransparentECMQVPrivateKey,
  F.TransparentECPrivateKey,
];

/** The formats with Recommended Curve and Q String. */
export const ecPublicFormats: readonly KeyFormatType[] = [
  F.TransparentECDSAPublicKey,
  F.TransparentECDHPublicKey,
  F.TransparentECMQVPublicKey,
  F.TransparentECPublicKey,
];

/** The numbers of an RSA private key from its PKCS#1 encoding (RFC 8017, A.1.2); undefined where they are no key. */
export function rsaNumbers(pkcs1: Buffer): RsaNumbers | undefined {
  const [version, ...numbers] = derChildren(readDer(pkcs1, DerTag.Sequence)).map((one) => toUnsigned(derUnsigned(one)));
  const [modulus, publicExponent, privateExponent, p, q, primeExponentP, primeExponentQ, crtCoefficient] = numbers;
  if (version !== 0n || modulus === undefined || crtCoefficient === undefined || numbers.length !== 8) return undefined;
  if (numbers.some(isTooLong)) return undefined;
  const given = { publicExponent, privateExponent, p, q, primeExponentP, primeExponentQ, crtCoefficient };
  return completeRsa({ modulus, ...(given as Omit<RsaNumbers, 'modulus'>) });
}

/** Transparent RSA Private Key with all its fields. */
export function transparentRsaPrivate(key: KeyObject): TransparentRsaPrivateKey {
  const [, ...numbers] = derChildren(readDer(key.export({ format: 'der', type: 'pkcs1' })));
  const entries = rsaFields.map((name, index) => [name, fromUnsigned(derUnsigned(numbers[index]))] as const);
  return Object.fromEntries(entries) as TransparentRsaPrivateKey;
}

export function transparentRsaPublic(key: KeyObject): TransparentRsaPublicKey {
  const [modulus, publicExponent] = derChildren(readDer(key.export({ format: 'der', type: 'pkcs1' })));
  return { modulus: fromUnsigned(derUnsigned(modulus)), publicExponent: fromUnsigned(derUnsigned(publicExponent)) };
}

export function transparentEcPrivate(key: KeyObject): TransparentEcPrivateKey {
  return { recommendedCurve: recommendedCurve(key), d: fromUnsigned(ecScalar(key)) };
}

/** Transparent EC Public Key; the point is in the form of `point`, an encoding of SEC 1 (2.3.3). */
export function transparentEcPublic(key: KeyObject, point: Buffer): TransparentEcPublicKey {
  return { recommendedCurve: recommendedCurve(key), qString: point };
}

/** The private number of an EC key, of the length of the order. */
export function ecScalar(key: KeyObject): Buffer {
  return ecPrivateFields(key.export({ format: 'der', type: 'sec1' })).scalar;
}

/** The fields of an ECPrivateKey (RFC 5915): SEQUENCE { 1, OCTET STRING, [0] parameters, [1] public key }. */
export function ecPrivateFields(sec1: Buffer): { scalar: Buffer; parameters?: DerElement; point?: Buffer } {
  const [version, scalar, ...rest] = derChildren(readDer(sec1, DerTag.Sequence));
  if (version === undefined || toUnsigned(derUnsigned(version)) !== 1n || scalar?.tag !== DerTag.OctetString) {
    throw new KmipError('invalid-field', 'the key material is no ECPrivateKey');
  }
  const parameters = rest.find((one) => one.tag === 0xa0);
  const point = rest.find((one) => one.tag === 0xa1);
  return {
    scalar: scalar.body,
    ...(parameters && { parameters }),
    ...(point && { point: derBits(readDer(point.body)) }),
  };
}

/** The point of an EC public key as its SubjectPublicKeyInfo has it. */
export function ecPoint(key: KeyObject): Buffer {
  return derBits(derChildren(readDer(key.export({ format: 'der', type: 'spki' })))[1]);
}

/** SubjectPublicKeyInfo of a point on a curve. */
export function ecSubjectPublicKeyInfo(curve: Curve, point: Buffer): Buffer {
  const algorithm = writeDer(DerTag.Sequence, idEcPublicKey, namedParameters(curve).whole);
  return writeDer(DerTag.Sequence, algorithm, writeDerBits(point));
}

/** The curve of an EC key; `key-format-not-supported` where the standard has no value for it. */
export function curveOfKey(key: KeyObject): Curve {
  const curve = curveNamed(key.asymmetricKeyDetails?.namedCurve);
  if (curve === undefined) throw new KmipError('key-format-not-supported', 'the curve of the key is not supported');
  return curve;
}

function recommendedCurve(key: KeyObject): RecommendedCurve {
  return curveOfKey(key).recommended;
}

function rsaPrivate(key: TransparentRsaPrivateKey): KeyObject {
  const given = Object.fromEntries(rsaFields.flatMap((name) => (key[name] ? [[name, positive(key[name])]] : [])));
  const numbers = completeRsa({ modulus: positive(key.modulus), ...given });
  if (numbers === undefined) throw new KmipError('invalid-field', 'the numbers are no RSA private key');
  const integers = rsaFields.map((name) => writeDerUnsigned(unsignedBytes(numbers[name])));
  const pkcs1 = writeDer(DerTag.Sequence, writeDerUnsigned(Buffer.of(0)), ...integers);
  return createPrivateKey({ key: pkcs1, format: 'der', type: 'pkcs1' });
}

function rsaPublic(key: TransparentRsaPublicKey): KeyObject {
  const pkcs1 = writeDer(DerTag.Sequence, integer(key.modulus), integer(key.publicExponent));
  return rsaPublicKey(pkcs1);
}

/** The key of an RSAPublicKey in DER (RFC 8017, A.1.1). Throws OpenSSL's error where it is none. */
export function rsaPublicKey(pkcs1: Buffer): KeyObject {
  const key = createPublicKey({ key: pkcs1, format: 'der', type: 'pkcs1' });
  // Node 24 exports no key as PKCS#1 that it has imported as such.
  return createPublicKey({ key: key.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' });
}

function ecPrivate({ recommendedCurve: recommended, d }: TransparentEcPrivateKey): KeyObject {
  const curve = knownCurve(recommended);
  const scalar = unsignedBytes(positive(d), Math.ceil(curve.bits / 8));
  // OpenSSL would leave the public key out of what it exports later, if it was not there at the beginning.
  const point = writeDer(0xa1, writeDerBits(multiplyBasePoint(curve, scalar)));
  const parameters = writeDer(0xa0, namedParameters(curve).whole);
  const fields = [writeDerUnsigned(Buffer.of(1)), writeDer(DerTag.OctetString, scalar), parameters, point];
  return createPrivateKey({ key: writeDer(DerTag.Sequence, ...fields), format: 'der', type: 'sec1' });
}

function ecPublic({ recommendedCurve: recommended, qString }: TransparentEcPublicKey): KeyObject {
  const spki = ecSubjectPublicKeyInfo(knownCurve(recommended), qString);
  return createPublicKey({ key: spki, format: 'der', type: 'spki' });
}

function dsaPrivate({ p, q, g, x }: TransparentDsaPrivateKey): KeyObject {
  const secret = writeDer(DerTag.OctetString, integer(x));
  const pkcs8 = writeDer(DerTag.Sequence, writeDerUnsigned(Buffer.of(0)), dsaAlgorithm(p, q, g), secret);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

function dsaPublic({ p, q, g, y }: TransparentDsaPublicKey): KeyObject {
  const spki = writeDer(DerTag.Sequence, dsaAlgorithm(p, q, g), writeDerBits(integer(y)));
  return createPublicKey({ key: spki, format: 'der', type: 'spki' });
}

function dsaAlgorithm(p: Buffer, q: Buffer, g: Buffer): Buffer {
  return writeDer(DerTag.Sequence, idDsa, writeDer(DerTag.Sequence, integer(p), integer(q), integer(g)));
}

function knownCurve(recommended: RecommendedCurve): Curve {
  const curve = curveOf(recommended);
  if (curve === undefined) throw new KmipError('invalid-field', 'the Recommended Curve is not supported');
  return curve;
}

function integer(value: Buffer): Buffer {
  return writeDerUnsigned(unsignedBytes(positive(value)));
}

/** The value of a Big Integer of a key: none of them is zero, negative or longer than any key. */
function positive(value: Buffer): bigint {
  const number = toBigInt(value);
  if (number <= 0n) throw new KmipError('invalid-field', 'a number of the key is not positive');
  if (isTooLong(number)) throw new KmipError('invalid-field', 'a number of the key is too long');
  return number;
}
