import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Destroy (KMIP 2.1, 6.1.15). */
export const destroyRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});

export const destroyResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
