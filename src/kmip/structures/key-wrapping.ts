import {
  byteString,
  enumeration,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attributeName } from '../legacy.ts';
import { cryptographicParameters } from './cryptographic.ts';
import { early } from './lenient.ts';
import { uniqueIdentifier } from './unique-identifier.ts';

/** Encryption Key Information and MAC/Signature Key Information (KMIP 2.1, 3.3). */
const keyInformation = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, uniqueIdentifier),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
});
export type KeyInformation = TypeOf<typeof keyInformation>;

// PyKMIP sends it in every version.
const encodingOption = optional(Tag.EncodingOption, early(enumInfo.EncodingOption, 11), {
  since: 11,
  acceptAlways: true,
});

/** Key Wrapping Data (KMIP 2.1, 3.3): how the Key Value of a Key Block was wrapped. */
export const keyWrappingData = structure({
  wrappingMethod: required(Tag.WrappingMethod, enumeration(enumInfo.WrappingMethod)),
  encryptionKeyInformation: optional(Tag.EncryptionKeyInformation, keyInformation),
  macSignatureKeyInformation: optional(Tag.MACSignatureKeyInformation, keyInformation),
  macSignature: optional(Tag.MACSignature, byteString),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  encodingOption,
});
export type KeyWrappingData = TypeOf<typeof keyWrappingData>;

/** Key Wrapping Specification (KMIP 2.1, 7.18): how a Get or Export asks for a key to be wrapped. */
export const keyWrappingSpecification = structure({
  wrappingMethod: required(Tag.WrappingMethod, enumeration(enumInfo.WrappingMethod)),
  encryptionKeyInformation: optional(Tag.EncryptionKeyInformation, keyInformation),
  macSignatureKeyInformation: optional(Tag.MACSignatureKeyInformation, keyInformation),
  /** The attributes to be wrapped with the key material. */
  attributeNames: repeated(Tag.AttributeName, attributeName),
  encodingOption,
});
export type KeyWrappingSpecification = TypeOf<typeof keyWrappingSpecification>;
