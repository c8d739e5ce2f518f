import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { openKey } from '../crypto/keys.ts';
import { unwrapKey, type WrapInput, type WrappingKey, wrapKey } from '../crypto/wrapping.ts';
import { KmipError } from '../errors.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import type { KeyBlock } from '../kmip/structures/key-block.ts';
import type { KeyInformation } from '../kmip/structures/key-wrapping.ts';
import { effectiveState, isDestroyed } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import { requireUse } from '../objects/usage.ts';
import type { Context } from './context.ts';
import { parametersOf, spend } from './crypto-use.ts';

const purpose = { use: 'protect', mask: CryptographicUsageMask.WrapKey } as const;

/**
 * Wraps with the key that a Key Wrapping Specification names, which counts as a use of that key. Throws
 * `wrapping-object-not-found`, `wrapping-object-destroyed`, and what `requireUse`, `openKey`, `wrapKey` and `spend` throw.
 */
export async function wrapped(
  context: Context,
  block: KeyBlock,
  input: Omit<WrapInput, 'wrappingKey' | 'version'>,
): Promise<KeyBlock> {
  const information = required(input.specification.encryptionKeyInformation);
  const object = await find(context, information, 'Encrypt');
  requireUse(object, purpose.use, purpose.mask, context.now);
  const wrappingKey = await opened(context, object, information);
  const result = wrapKey(block, { ...input, wrappingKey, version: context.version });
  await spend(context, object, purpose, { bytes: bytesOf(block), uses: 1 });
  return result;
}

/** What is protected; transparent keys, which have no bytes, by their length. */
function bytesOf({ keyValue, cryptographicLength = 0 }: KeyBlock): number {
  const material = keyValue !== undefined && 'keyMaterial' in keyValue ? keyValue.keyMaterial : keyValue;
  return Buffer.isBuffer(material) ? material.length : Math.ceil(cryptographicLength / 8);
}

/**
 * An object whose key came wrapped, with its key unwrapped. Clients of the published cases (TC-WRAP-3-14) unwrap with a
 * key that is for wrapping only.
 */
export async function unwrapped(context: Context, value: ManagedObjectValue): Promise<ManagedObjectValue> {
  if (!('keyBlock' in value) || value.keyBlock.keyWrappingData === undefined) return value;
  const information = required(value.keyBlock.keyWrappingData.encryptionKeyInformation);
  const object = await find(context, information, 'Decrypt');
  const mask = object.attributes.get('CryptographicUsageMask') ?? 0;
  const either = mask & (CryptographicUsageMask.UnwrapKey | CryptographicUsageMask.WrapKey);
  requireUse(object, 'process', either || CryptographicUsageMask.UnwrapKey, context.now);
  return { ...value, keyBlock: unwrapKey(value.keyBlock, await opened(context, object, information), context.version) };
}

function required(information: KeyInformation | undefined): KeyInformation {
  if (information === undefined) {
    throw new KmipError('feature-not-supported', 'wrapping without Encryption Key Information is not supported');
  }
  return information;
}

async function find(
  context: Context,
  { uniqueIdentifier }: KeyInformation,
  permission: string,
): Promise<ManagedObject> {
  const object = await context.object(uniqueIdentifier, permission, 'wrapping-object-not-found');
  if (isDestroyed(effectiveState(object, context.now))) {
    throw new KmipError('wrapping-object-destroyed', 'the wrapping key has been destroyed');
  }
  return object;
}

async function opened(context: Context, object: ManagedObject, information: KeyInformation): Promise<WrappingKey> {
  const { value } = await context.material(object);
  return { key: openKey(value), parameters: parametersOf(object, information.cryptographicParameters) };
}
