import { byteString, integer, required, structure, type TypeOf } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** RNG Retrieve (KMIP 2.1, 6.1.49): the length is in bytes. */
export const rngRetrieveRequest = structure({
  dataLength: required(Tag.DataLength, integer),
});
export type RngRetrieveRequest = TypeOf<typeof rngRetrieveRequest>;

export const rngRetrieveResponse = structure({
  data: required(Tag.Data, byteString),
});
export type RngRetrieveResponse = TypeOf<typeof rngRetrieveResponse>;
