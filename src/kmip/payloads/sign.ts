import {
  byteString,
  changing,
  optional,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { cryptographicParameters } from '../structures/cryptographic.ts';
import { data } from '../structures/data.ts';
import { correlationValue, streaming } from '../structures/streaming.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Sign (KMIP 2.1, 6.1.55). */
export const signRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: changing(13, required(Tag.Data, data), optional(Tag.Data, data)),
  digestedData: optional(Tag.DigestedData, byteString, { since: 14 }),
  ...streaming,
});
export type SignRequest = TypeOf<typeof signRequest>;

export const signResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  signatureData: changing(13, required(Tag.SignatureData, byteString), optional(Tag.SignatureData, byteString)),
  correlationValue,
});
