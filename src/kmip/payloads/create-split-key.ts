import {
  bigInteger,
  enumeration,
  integer,
  optional,
  repeated,
  required,
  structure,
  textString,
} from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { requiredAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';

/** Create Split Key (KMIP 2.1, 6.1.10). */
export const createSplitKeyRequest = structure({
  objectType: required(Tag.ObjectType, enumeration(enumInfo.ObjectType)),
  uniqueIdentifier: optional(Tag.UniqueIdentifier, uniqueIdentifier),
  splitKeyParts: required(Tag.SplitKeyParts, integer),
  splitKeyThreshold: required(Tag.SplitKeyThreshold, integer),
  splitKeyMethod: required(Tag.SplitKeyMethod, enumeration(enumInfo.SplitKeyMethod)),
  primeFieldSize: optional(Tag.PrimeFieldSize, bigInteger),
  attributes: requiredAttributes,
  protectionStorageMasks: optional(Tag.ProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const createSplitKeyResponse = structure({
  /** The table of 1.2 asks for it, TC-SJ-2-12 does without. */
  objectType: optional(Tag.ObjectType, enumeration(enumInfo.ObjectType), { until: 12 }),
  uniqueIdentifier: repeated(Tag.UniqueIdentifier, textString, { min: 1 }),
  /** 1.x: attributes that were set without being asked for. */
  attributes: optional(Tag.TemplateAttribute, templateAttribute, { until: 14 }),
});
