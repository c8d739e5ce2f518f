import { optional, required, structure, type TypeOf, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { oneAttribute } from '../attribute-codec.ts';
import { changedAttribute, newAttribute } from '../attribute-fields.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/**
 * Modify Attribute (KMIP 2.1, 6.1.34). 1.x tells the instance by the index of `newAttribute`, 2.x by its value in
 * `currentAttribute`.
 */
export const modifyAttributeRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  currentAttribute: optional(Tag.CurrentAttribute, oneAttribute, { since: 20 }),
  newAttribute,
});
export type ModifyAttributeRequest = TypeOf<typeof modifyAttributeRequest>;

/** 1.x shows the attribute with its new value. */
export const modifyAttributeResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  attribute: changedAttribute,
});
