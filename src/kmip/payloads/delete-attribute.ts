import { changing, integer, optional, required, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attributeReference, oneAttribute } from '../attribute-codec.ts';
import { changedAttribute } from '../attribute-fields.ts';
import { attributeName } from '../legacy.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/**
 * Delete Attribute (KMIP 2.1, 6.1.13). 1.x: the attribute's name (`attributeReference`) and the index, 0 if absent. 2.x:
 * either one value (`currentAttribute`) or all instances (`attributeReference`).
 */
export const deleteAttributeRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  currentAttribute: optional(Tag.CurrentAttribute, oneAttribute, { since: 20 }),
  attributeReference: changing(
    20,
    required(Tag.AttributeName, attributeName),
    optional(Tag.AttributeReference, attributeReference),
  ),
  attributeIndex: optional(Tag.AttributeIndex, integer, { until: 14 }),
});
export type DeleteAttributeRequest = TypeOf<typeof deleteAttributeRequest>;

/** 1.x shows the attribute that was deleted. */
export const deleteAttributeResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  attribute: changedAttribute,
});
