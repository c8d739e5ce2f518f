import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Archive (KMIP 2.1, 6.1.4). */
export const archiveRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});

export const archiveResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
