import type { Buffer } from 'node:buffer';
import { type KeyHandle, openKey } from '../../../src/crypto/keys.ts';
import type { ManagedObjectOf } from '../../../src/kmip/objects.ts';
import type { KeyMaterial } from '../../../src/kmip/structures/key-block.ts';
import { type CryptographicAlgorithm, KeyFormatType, ObjectType } from '../../../ttlv/tables/enums.ts';

type KeyType = typeof ObjectType.SymmetricKey | typeof ObjectType.PrivateKey | typeof ObjectType.PublicKey;

/** A key object as a client registers it. */
export function keyValue<T extends KeyType>(
  type: T,
  keyFormatType: KeyFormatType,
  keyMaterial: KeyMaterial,
): { readonly type: T; readonly keyBlock: ManagedObjectOf<KeyType>['keyBlock'] } {
  return { type, keyBlock: { keyFormatType, keyValue: { keyMaterial } } };
}

/** A Symmetric Key ready for use. */
export function symmetric(algorithm: CryptographicAlgorithm, key: Buffer): KeyHandle {
  const block = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: { keyMaterial: key },
    cryptographicAlgorithm: algorithm,
    cryptographicLength: key.length * 8,
  };
  return openKey({ type: ObjectType.SymmetricKey, keyBlock: block });
}

/** A Private Key ready for use. */
export function privateKey(format: KeyFormatType, material: KeyMaterial): KeyHandle {
  return openKey(keyValue(ObjectType.PrivateKey, format, material));
}

/** A Public Key ready for use. */
export function publicKey(format: KeyFormatType, material: KeyMaterial): KeyHandle {
  return openKey(keyValue(ObjectType.PublicKey, format, material));
}
