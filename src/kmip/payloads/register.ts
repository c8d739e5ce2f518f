import { changing, enumeration, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { requiredAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { managedObject } from '../objects.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';

/** Register (KMIP 2.1, 6.1.43). The tables of 1.0 and 1.1 let the object be left out. */
export const registerRequest = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  attributes: requiredAttributes,
  object: changing(12, optional(Tag.SymmetricKey, managedObject), required(Tag.SymmetricKey, managedObject)),
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const registerResponse = structure({
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  /** 1.x: attributes that were set without being asked for. */
  attributes: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
});
