import { enumeration, optional, repeated, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { requiredAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { derivationParameters } from '../structures/cryptographic.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Derive Key (KMIP 2.1, 6.1.14). */
export const deriveKeyRequest = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  uniqueIdentifier: repeated(Tag.UniqueIdentifier, uniqueIdentifier, { min: 1 }),
  derivationMethod: required(Tag.DerivationMethod, enumeration(enumInfo.DerivationMethod)),
  derivationParameters: required(Tag.DerivationParameters, derivationParameters),
  attributes: requiredAttributes,
});

export const deriveKeyResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  /** 1.x: attributes that were set without being asked for. */
  attributes: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
});
