import { optional, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { defaultsInformation } from '../structures/server-information.ts';

/** Set Defaults (KMIP 2.1, 6.1.53). */
export const setDefaultsRequest = structure({
  defaultsInformation: optional(Tag.DefaultsInformation, defaultsInformation),
});

export const setDefaultsResponse = structure({});
