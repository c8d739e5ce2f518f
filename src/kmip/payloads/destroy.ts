import { optional, required, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Destroy (KMIP 2.1, 6.1.15). */
export const destroyRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});
export type DestroyRequest = TypeOf<typeof destroyRequest>;

export const destroyResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
export type DestroyResponse = TypeOf<typeof destroyResponse>;
