import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { openKey } from '../crypto/keys.ts';
import { unwrapKey, type WrappingKey } from '../crypto/wrapping.ts';
import { KmipError } from '../errors.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import type { KeyInformation } from '../kmip/structures/key-wrapping.ts';
import { effectiveState, isDestroyed } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import { requireUse } from '../objects/usage.ts';
import type { Context } from './context.ts';
import { parametersOf } from './crypto-use.ts';

/**
 * The key that a Key Wrapping Specification names, ready to wrap. Throws `wrapping-object-not-found`,
 * `wrapping-object-destroyed`, and what `requireUse` and `openKey` throw.
 */
export async function wrappingKey(context: Context, information: KeyInformation | undefined): Promise<WrappingKey> {
  const object = await find(context, required(information), 'Encrypt');
  requireUse(object, 'protect', CryptographicUsageMask.WrapKey, context.now);
  return opened(context, object, required(information));
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
