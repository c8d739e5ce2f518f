import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { oneAttribute } from '../attribute-codec.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Set Attribute (KMIP 2.1, 6.1.51). */
export const setAttributeRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  newAttribute: required(Tag.NewAttribute, oneAttribute),
});

export const setAttributeResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
