import { byteString, changing, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { cryptographicParameters } from '../structures/cryptographic.ts';
import { data } from '../structures/data.ts';
import { correlationValue, streaming } from '../structures/streaming.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** MAC (KMIP 2.1, 6.1.32). */
export const macRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: changing(13, required(Tag.Data, data), optional(Tag.Data, data)),
  ...streaming,
});

export const macResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  macData: changing(13, required(Tag.MACData, byteString), optional(Tag.MACData, byteString)),
  correlationValue,
});
