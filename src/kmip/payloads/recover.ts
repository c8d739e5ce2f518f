import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Recover (KMIP 2.1, 6.1.42). */
export const recoverRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});

export const recoverResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
