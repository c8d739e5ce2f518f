import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Activate (KMIP 2.1, 6.1.1). */
export const activateRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});

export const activateResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
