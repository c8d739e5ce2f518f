import { byteString, integer, required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** RNG Retrieve (KMIP 2.1, 6.1.49): the length is in bytes. */
export const rngRetrieveRequest = structure({
  dataLength: required(Tag.DataLength, integer),
});

export const rngRetrieveResponse = structure({
  data: required(Tag.Data, byteString),
});
