import { anyItem, enumeration, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { attributeReference } from '../attribute-codec.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Adjust Attribute (KMIP 2.1, 6.1.3): the value's type is that of the attribute. */
export const adjustAttributeRequest = structure({
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  attributeReference: required(Tag.AttributeReference, attributeReference),
  adjustmentType: required(Tag.AdjustmentType, enumeration(enumInfo.AdjustmentType)),
  adjustmentValue: optional(Tag.AdjustmentValue, anyItem),
});

export const adjustAttributeResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
});
