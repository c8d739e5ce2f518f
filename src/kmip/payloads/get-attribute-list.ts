import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attributeReferences } from '../attribute-fields.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Get Attribute List (KMIP 2.1, 6.1.21). */
export const getAttributeListRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
});

/** References to attributes that the version does not have are left out when this is written. */
export const getAttributeListResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  attributeReferences,
});
