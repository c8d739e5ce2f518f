import {
  bigInteger,
  byteString,
  type Codec,
  enumeration,
  optional,
  required,
  structure,
  type TypeOf,
} from '../../../ttlv/structure.ts';
import { enumInfo, KeyFormatType } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Transparent Symmetric Key (KMIP 2.1, 3.4). */
const symmetricKey = structure({
  key: required(Tag.Key, byteString),
});

const dsaPrivateKey = structure({
  p: required(Tag.P, bigInteger),
  q: required(Tag.Q, bigInteger),
  g: required(Tag.G, bigInteger),
  x: required(Tag.X, bigInteger),
});

const dsaPublicKey = structure({
  p: required(Tag.P, bigInteger),
  q: required(Tag.Q, bigInteger),
  g: required(Tag.G, bigInteger),
  y: required(Tag.Y, bigInteger),
});

/** Transparent RSA Private Key (KMIP 2.1, 3.7). */
const rsaPrivateKey = structure({
  modulus: required(Tag.Modulus, bigInteger),
  privateExponent: optional(Tag.PrivateExponent, bigInteger),
  publicExponent: optional(Tag.PublicExponent, bigInteger),
  p: optional(Tag.P, bigInteger),
  q: optional(Tag.Q, bigInteger),
  primeExponentP: optional(Tag.PrimeExponentP, bigInteger),
  primeExponentQ: optional(Tag.PrimeExponentQ, bigInteger),
  crtCoefficient: optional(Tag.CRTCoefficient, bigInteger),
});

const rsaPublicKey = structure({
  modulus: required(Tag.Modulus, bigInteger),
  publicExponent: required(Tag.PublicExponent, bigInteger),
});

const dhPrivateKey = structure({
  p: required(Tag.P, bigInteger),
  q: optional(Tag.Q, bigInteger),
  g: required(Tag.G, bigInteger),
  j: optional(Tag.J, bigInteger),
  x: required(Tag.X, bigInteger),
});

const dhPublicKey = structure({
  p: required(Tag.P, bigInteger),
  q: optional(Tag.Q, bigInteger),
  g: required(Tag.G, bigInteger),
  j: optional(Tag.J, bigInteger),
  y: required(Tag.Y, bigInteger),
});

const ecPrivateKey = structure({
  recommendedCurve: required(Tag.RecommendedCurve, enumeration(enumInfo.RecommendedCurve)),
  d: required(Tag.D, bigInteger),
});

const ecPublicKey = structure({
  recommendedCurve: required(Tag.RecommendedCurve, enumeration(enumInfo.RecommendedCurve)),
  qString: required(Tag.QString, byteString),
});

export type TransparentSymmetricKey = TypeOf<typeof symmetricKey>;
export type TransparentDsaPrivateKey = TypeOf<typeof dsaPrivateKey>;
export type TransparentDsaPublicKey = TypeOf<typeof dsaPublicKey>;
export type TransparentRsaPrivateKey = TypeOf<typeof rsaPrivateKey>;
export type TransparentRsaPublicKey = TypeOf<typeof rsaPublicKey>;
export type TransparentEcPrivateKey = TypeOf<typeof ecPrivateKey>;
export type TransparentEcPublicKey = TypeOf<typeof ecPublicKey>;

/**
 * The structure of Key Material for each transparent Key Format Type (KMIP 2.1, 3.4 to 3.12; 1.4, 2.1.7). Big
 * Integers are two's complement as on the wire.
 */
export const transparentKeys = {
  [KeyFormatType.TransparentSymmetricKey]: symmetricKey,
  [KeyFormatType.TransparentDSAPrivateKey]: dsaPrivateKey,
  [KeyFormatType.TransparentDSAPublicKey]: dsaPublicKey,
  [KeyFormatType.TransparentRSAPrivateKey]: rsaPrivateKey,
  [KeyFormatType.TransparentRSAPublicKey]: rsaPublicKey,
  [KeyFormatType.TransparentDHPrivateKey]: dhPrivateKey,
  [KeyFormatType.TransparentDHPublicKey]: dhPublicKey,
  [KeyFormatType.TransparentECDSAPrivateKey]: ecPrivateKey,
  [KeyFormatType.TransparentECDSAPublicKey]: ecPublicKey,
  [KeyFormatType.TransparentECDHPrivateKey]: ecPrivateKey,
  [KeyFormatType.TransparentECDHPublicKey]: ecPublicKey,
  [KeyFormatType.TransparentECMQVPrivateKey]: ecPrivateKey,
  [KeyFormatType.TransparentECMQVPublicKey]: ecPublicKey,
  [KeyFormatType.TransparentECPrivateKey]: ecPrivateKey,
  [KeyFormatType.TransparentECPublicKey]: ecPublicKey,
} as const satisfies { readonly [F in KeyFormatType]?: Codec<never> | Codec<unknown> };

/** The Key Format Types whose Key Material is a structure. */
type TransparentFormat = keyof typeof transparentKeys;

/** A transparent key: which structure it is, is told by the Key Format Type of its Key Block. */
export type TransparentKey = TypeOf<(typeof transparentKeys)[TransparentFormat]>;
