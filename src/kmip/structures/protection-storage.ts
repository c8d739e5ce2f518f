import { mask, repeated, structure, type TypeOf } from '../../../ttlv/structure.ts';
import { maskInfo } from '../../../ttlv/tables/masks.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Protection Storage Masks (KMIP 2.1, 7.33), and its variants for key pairs: the masks of which one has to be met. */
export const protectionStorageMasks = structure({
  protectionStorageMask: repeated(Tag.ProtectionStorageMask, mask(maskInfo.ProtectionStorageMask)),
});
export type ProtectionStorageMasks = TypeOf<typeof protectionStorageMasks>;
