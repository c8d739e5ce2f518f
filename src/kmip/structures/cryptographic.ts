import {
  boolean,
  byteString,
  enumeration,
  integer,
  optional,
  required,
  structure,
  type TypeOf,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Cryptographic Parameters (KMIP 2.1, 4.16). */
export const cryptographicParameters = structure({
  blockCipherMode: optional(Tag.BlockCipherMode, enumeration(enumInfo.BlockCipherMode)),
  paddingMethod: optional(Tag.PaddingMethod, enumeration(enumInfo.PaddingMethod)),
  hashingAlgorithm: optional(Tag.HashingAlgorithm, enumeration(enumInfo.HashingAlgorithm)),
  keyRoleType: optional(Tag.KeyRoleType, enumeration(enumInfo.KeyRoleType)),
  digitalSignatureAlgorithm: optional(Tag.DigitalSignatureAlgorithm, enumeration(enumInfo.DigitalSignatureAlgorithm), {
    since: 12,
  }),
  cryptographicAlgorithm: optional(Tag.CryptographicAlgorithm, enumeration(enumInfo.CryptographicAlgorithm), {
    since: 12,
  }),
  randomIV: optional(Tag.RandomIV, boolean, { since: 12 }),
  ivLength: optional(Tag.IVLength, integer, { since: 12 }),
  tagLength: optional(Tag.TagLength, integer, { since: 12 }),
  fixedFieldLength: optional(Tag.FixedFieldLength, integer, { since: 12 }),
  invocationFieldLength: optional(Tag.InvocationFieldLength, integer, { since: 12 }),
  counterLength: optional(Tag.CounterLength, integer, { since: 12 }),
  initialCounterValue: optional(Tag.InitialCounterValue, integer, { since: 12 }),
  saltLength: optional(Tag.SaltLength, integer, { since: 14 }),
  maskGenerator: optional(Tag.MaskGenerator, enumeration(enumInfo.MaskGenerator), { since: 14 }),
  maskGeneratorHashingAlgorithm: optional(Tag.MaskGeneratorHashingAlgorithm, enumeration(enumInfo.HashingAlgorithm), {
    since: 14,
  }),
  pSource: optional(Tag.PSource, byteString, { since: 14 }),
  trailerField: optional(Tag.TrailerField, integer, { since: 14 }),
});
export type CryptographicParameters = TypeOf<typeof cryptographicParameters>;

/** Cryptographic Domain Parameters (KMIP 2.1, 4.14). */
export const cryptographicDomainParameters = structure({
  qlength: optional(Tag.Qlength, integer),
  recommendedCurve: optional(Tag.RecommendedCurve, enumeration(enumInfo.RecommendedCurve)),
});

/** RNG Parameters (KMIP 2.1, 7.36): also the Random Number Generator attribute. */
export const rngParameters = structure({
  rngAlgorithm: required(Tag.RNGAlgorithm, enumeration(enumInfo.RNGAlgorithm)),
  cryptographicAlgorithm: optional(Tag.CryptographicAlgorithm, enumeration(enumInfo.CryptographicAlgorithm)),
  cryptographicLength: optional(Tag.CryptographicLength, integer),
  hashingAlgorithm: optional(Tag.HashingAlgorithm, enumeration(enumInfo.HashingAlgorithm)),
  drbgAlgorithm: optional(Tag.DRBGAlgorithm, enumeration(enumInfo.DRBGAlgorithm)),
  recommendedCurve: optional(Tag.RecommendedCurve, enumeration(enumInfo.RecommendedCurve)),
  fips186Variation: optional(Tag.FIPS186Variation, enumeration(enumInfo.FIPS186Variation)),
  predictionResistance: optional(Tag.PredictionResistance, boolean),
});

/** Digest (KMIP 2.1, 4.21). */
export const digest = structure({
  hashingAlgorithm: required(Tag.HashingAlgorithm, enumeration(enumInfo.HashingAlgorithm)),
  digestValue: optional(Tag.DigestValue, byteString),
  keyFormatType: optional(Tag.KeyFormatType, enumeration(enumInfo.KeyFormatType), { since: 11 }),
});
export type Digest = TypeOf<typeof digest>;

/** Derivation Parameters (KMIP 2.1, 7.12); Salt and Iteration Count are of PBKDF2. */
export const derivationParameters = structure({
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  initializationVector: optional(Tag.InitializationVector, byteString),
  derivationData: optional(Tag.DerivationData, byteString),
  salt: optional(Tag.Salt, byteString),
  iterationCount: optional(Tag.IterationCount, integer),
});
