import { optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { createdPairAttributes } from '../attribute-fields.ts';
import { templateAttribute } from '../legacy.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';

/** Create Key Pair (KMIP 2.1, 6.1.9). */
export const createKeyPairRequest = structure({
  ...createdPairAttributes,
  commonProtectionStorageMasks: optional(Tag.CommonProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
  privateProtectionStorageMasks: optional(Tag.PrivateProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
  publicProtectionStorageMasks: optional(Tag.PublicProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const createKeyPairResponse = structure({
  privateKeyUniqueIdentifier: required(Tag.PrivateKeyUniqueIdentifier, textString),
  publicKeyUniqueIdentifier: required(Tag.PublicKeyUniqueIdentifier, textString),
  /** 1.x: attributes that were set without being asked for. */
  privateKeyAttributes: optional(Tag.PrivateKeyTemplateAttribute, templateAttribute, { until: 14 }),
  publicKeyAttributes: optional(Tag.PublicKeyTemplateAttribute, templateAttribute, { until: 14 }),
});
