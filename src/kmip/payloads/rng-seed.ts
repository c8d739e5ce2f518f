import { integer, required, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { data } from '../structures/data.ts';

/** RNG Seed (KMIP 2.1, 6.1.50). */
export const rngSeedRequest = structure({
  data: required(Tag.Data, data),
});

/** How much of the seed was used, in bytes. */
export const rngSeedResponse = structure({
  dataLength: required(Tag.DataLength, integer),
});
