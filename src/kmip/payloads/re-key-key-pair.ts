import { interval, optional, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { replacedPairAttributes } from '../attribute-fields.ts';
import { protectionStorageMasks } from '../structures/protection-storage.ts';
import { uniqueIdentifier } from '../structures/unique-identifier.ts';
import { createKeyPairResponse } from './create-key-pair.ts';

/** Re-key Key Pair (KMIP 2.1, 6.1.47). `uniqueIdentifier` is the Private Key Unique Identifier. */
export const reKeyKeyPairRequest = structure({
  uniqueIdentifier: optional(Tag.PrivateKeyUniqueIdentifier, uniqueIdentifier),
  offset: optional(Tag.Offset, interval),
  ...replacedPairAttributes,
  commonProtectionStorageMasks: optional(Tag.CommonProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
  privateProtectionStorageMasks: optional(Tag.PrivateProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
  publicProtectionStorageMasks: optional(Tag.PublicProtectionStorageMasks, protectionStorageMasks, { since: 20 }),
});

export const reKeyKeyPairResponse = createKeyPairResponse;
