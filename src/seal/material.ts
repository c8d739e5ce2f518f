import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { decodeValue, encodeValue } from '../objects/canonical.ts';
import type { Material, Remains } from '../objects/object.ts';
import { context } from './contexts.ts';
import type { GenerationKeys } from './keys.ts';
import { StoredTag } from './stored-tags.ts';

/** The object that a material belongs to: moved to another one, it does not open. */
interface Place {
  readonly id: string;
  readonly type: number;
}

/**
 * The material of an object as it is stored: AES-256-GCM (see `sealBytes`) over the stored form of `{ secret, value }`, with
 * identifier, type and generation as additional data.
 */
export function sealMaterial(keys: GenerationKeys, place: Place, { value, secret }: Material | Remains): Buffer {
  const plaintext = encodeValue({ value, secret });
  const sealed = sealBytes(keys.material, plaintext, contextOf(keys, place));
  plaintext.fill(0);
  return sealed;
}

/** Opens what `sealMaterial` made; undefined where it is not this object's, or was changed. */
export function openMaterial(keys: GenerationKeys, place: Place, sealed: Buffer): Material | Remains | undefined {
  const plaintext = openBytes(keys.material, sealed, contextOf(keys, place));
  return plaintext && (decodeValue(plaintext) as Material | Remains);
}

function contextOf({ generation }: GenerationKeys, { id, type }: Place): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Role, 'material');
    writer.writeTextString(StoredTag.Id, id);
    writer.writeTextString(StoredTag.ObjectType, String(type));
    writer.writeTextString(StoredTag.Generation, String(generation));
  });
}
