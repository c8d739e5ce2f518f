import { byteString, changing, optional, required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { cryptographicParameters } from '../structures/cryptographic.ts';
import { data } from '../structures/data.ts';
import { correlationValue, streaming } from '../structures/streaming.ts';

/** Hash (KMIP 2.1, 6.1.24). */
export const hashRequest = structure({
  cryptographicParameters: required(Tag.CryptographicParameters, cryptographicParameters),
  data: changing(13, required(Tag.Data, data), optional(Tag.Data, data)),
  ...streaming,
});

export const hashResponse = structure({
  data: changing(13, required(Tag.Data, byteString), optional(Tag.Data, byteString)),
  correlationValue,
});
