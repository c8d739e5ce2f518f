import { optional, structure, type TypeOf } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { defaultsInformation } from '../structures/server-information.ts';

/** Set Defaults (KMIP 2.1, 6.1.53). */
export const setDefaultsRequest = structure({
  defaultsInformation: optional(Tag.DefaultsInformation, defaultsInformation),
});
export type SetDefaultsRequest = TypeOf<typeof setDefaultsRequest>;

export const setDefaultsResponse = structure({});
export type SetDefaultsResponse = TypeOf<typeof setDefaultsResponse>;
