import type { VersionRange } from '../../ttlv/field.ts';
import { changing, optional, repeated, required } from '../../ttlv/structure.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { attributeReference, attributes, oneAttribute } from './attribute-codec.ts';
import { attributeName, legacyAnswer, legacyAttribute, templateAttribute } from './legacy.ts';

/** The fields of payloads that hold or name attributes, in the form of the message's version: 1.x or 2.x. */

/** Template-Attribute; 2.x: Attributes. For operations that ask for it. */
export const requiredAttributes = changing(
  20,
  required(Tag.TemplateAttribute, templateAttribute),
  required(Tag.Attributes, attributes),
);

/** Template-Attribute; 2.x: Attributes. For operations in which it may be left out. */
export const optionalAttributes = changing(
  20,
  optional(Tag.TemplateAttribute, templateAttribute),
  optional(Tag.Attributes, attributes),
);

/** The attributes of a key pair: of both keys, of the private and of the public one. */
const pairAttributes = (range: VersionRange) => ({
  commonAttributes: changing(
    20,
    optional(Tag.CommonTemplateAttribute, templateAttribute, range),
    optional(Tag.CommonAttributes, attributes),
  ),
  privateKeyAttributes: changing(
    20,
    optional(Tag.PrivateKeyTemplateAttribute, templateAttribute, range),
    optional(Tag.PrivateKeyAttributes, attributes),
  ),
  publicKeyAttributes: changing(
    20,
    optional(Tag.PublicKeyTemplateAttribute, templateAttribute, range),
    optional(Tag.PublicKeyAttributes, attributes),
  ),
});

export const createdPairAttributes = pairAttributes({});

// PyKMIP sends the forms of 1.x in 2.0, too, in Re-key an empty one where there is nothing to say.
const inEveryVersion = { acceptAlways: true } as const;

export const replacedPairAttributes = pairAttributes(inEveryVersion);

/** Template-Attribute; 2.x: Attributes. For Re-key. */
export const replacedAttributes = changing(
  20,
  optional(Tag.TemplateAttribute, templateAttribute, inEveryVersion),
  optional(Tag.Attributes, attributes),
);

/** Attributes one after the other in a request; 2.x: Attributes. */
export const listedAttributes = changing(
  20,
  repeated(Tag.Attribute, legacyAttribute),
  required(Tag.Attributes, attributes),
);

/** Attributes one after the other in an answer; 2.x: Attributes. */
export const answeredAttributes = changing(
  20,
  repeated(Tag.Attribute, legacyAnswer),
  required(Tag.Attributes, attributes),
);

/** The attributes inside a Key Value. */
export const keyValueAttributes = changing(
  20,
  repeated(Tag.Attribute, legacyAttribute),
  optional(Tag.Attributes, attributes),
);

/** The attribute that a request adds or changes; 2.x: New Attribute. */
export const newAttribute = changing(
  20,
  required(Tag.Attribute, legacyAttribute),
  required(Tag.NewAttribute, oneAttribute),
);

/** The attribute that 1.x shows in the answer of Add, Modify and Delete Attribute. */
export const changedAttribute = optional(Tag.Attribute, legacyAnswer, { until: 14 });

/** Names of attributes. */
export const attributeReferences = changing(
  20,
  repeated(Tag.AttributeName, attributeName),
  repeated(Tag.AttributeReference, attributeReference),
);
