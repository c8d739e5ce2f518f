import {
  byteString,
  changing,
  enumeration,
  optional,
  required,
  structure,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { cryptographicParameters } from '../structures/cryptographic.ts';
import { data } from '../structures/data.ts';
import { correlationValue, streaming } from '../structures/streaming.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Signature Verify (KMIP 2.1, 6.1.56). */
export const signatureVerifyRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, data),
  digestedData: optional(Tag.DigestedData, byteString, { since: 14 }),
  signatureData: changing(13, required(Tag.SignatureData, byteString), optional(Tag.SignatureData, byteString)),
  ...streaming,
});

export const signatureVerifyResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  /** Absent in all parts but the last: so TC-STREAM-MAC-1-14, and the table since 2.0. */
  validityIndicator: changing(
    13,
    required(Tag.ValidityIndicator, enumeration(enumInfo.ValidityIndicator)),
    optional(Tag.ValidityIndicator, enumeration(enumInfo.ValidityIndicator)),
  ),
  data: optional(Tag.Data, byteString),
  correlationValue,
});
