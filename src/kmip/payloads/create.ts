import { enumeration, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { requiredAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';

/** Create (KMIP 2.1, 6.1.8). */
export const createRequest = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  attributes: requiredAttributes,
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const createResponse = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  /** 1.x: attributes that were set without being asked for. */
  attributes: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
});
