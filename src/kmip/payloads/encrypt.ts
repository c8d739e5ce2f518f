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

/** Encrypt (KMIP 2.1, 6.1.17). */
export const encryptRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: changing(13, required(Tag.Data, data), optional(Tag.Data, data)),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  ...streaming,
  authenticatedEncryptionAdditionalData: optional(Tag.AuthenticatedEncryptionAdditionalData, byteString, {
    since: 14,
  }),
});
export type EncryptRequest = TypeOf<typeof encryptRequest>;

export const encryptResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  data: changing(13, required(Tag.Data, byteString), optional(Tag.Data, byteString)),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  correlationValue,
  authenticatedEncryptionTag: optional(Tag.AuthenticatedEncryptionTag, byteString, { since: 14 }),
});
export type EncryptResponse = TypeOf<typeof encryptResponse>;
