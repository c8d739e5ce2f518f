import { enumeration, optional, repeated, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { optionalAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Join Split Key (KMIP 2.1, 6.1.27). */
export const joinSplitKeyRequest = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  uniqueIdentifier: repeated(Tag.UniqueIdentifier, uniqueIdentifier, { min: 1 }),
  secretDataType: optional(Tag.SecretDataType, enumeration(enumInfo.SecretDataType)),
  attributes: optionalAttributes,
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const joinSplitKeyResponse = structure({
  /** The table of 1.2 asks for it, TC-SJ-2-12 does without. */
  objectType: optional(Tag.ObjectType, enumeration(enumInfo.ObjectType), { until: 12 }),
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  /** 1.x: attributes that were set without being asked for. */
  attributes: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
});
