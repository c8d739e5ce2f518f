import { AttributeSet } from '../../src/kmip/attribute-set.ts';
import type { ManagedObject, Material } from '../../src/objects/object.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType, State } from '../../ttlv/tables/enums.ts';

/** A key of alice's that is not written yet. */
export function newObject(id: string, change: Partial<ManagedObject> = {}): ManagedObject {
  return {
    id,
    sequence: 0,
    type: ObjectType.SymmetricKey,
    state: State.Active,
    owner: 'alice',
    revision: 0,
    attributes: AttributeSet.empty,
    grants: [],
    usageLeft: undefined,
    ...change,
  };
}

/** Other key material for each object. */
export function materialOf(id: string): Material {
  const keyMaterial = Buffer.from(`the key of ${id}`);
  const keyBlock = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: { keyMaterial, attributes: [] },
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: 8 * keyMaterial.length,
  };
  return { value: { type: ObjectType.SymmetricKey, keyBlock }, secret: AttributeSet.empty };
}
