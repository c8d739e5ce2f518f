import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { answeredAttributes, attributeReferences } from '../attribute-fields.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Get Attributes (KMIP 2.1, 6.1.20): no references ask for all attributes. */
export const getAttributesRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  attributeReferences,
});

/** Attributes, or values, that the version does not have are left out when this is written. */
export const getAttributesResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  attributes: answeredAttributes,
});
