import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { changedAttribute, newAttribute } from '../attribute-fields.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Add Attribute (KMIP 2.1, 6.1.2). */
export const addAttributeRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  newAttribute,
});

/** 1.x shows the attribute with the index that it got. */
export const addAttributeResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  attribute: changedAttribute,
});
