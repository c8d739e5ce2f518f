import { KeyWrapType } from '../../ttlv/tables/enums.ts';
import { type Awaitable, whenReady } from '../awaitable.ts';
import { convertKey } from '../crypto/formats.ts';
import { isWrappedInStructure } from '../crypto/wrapping.ts';
import { KmipError } from '../errors.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import type { GetRequest } from '../kmip/payloads/get.ts';
import type { KeyBlock } from '../kmip/structures/key-block.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';
import { Denied } from './denied.ts';
import { shownAttributes } from './shown-attributes.ts';
import { unwrapped, wrapped } from './wrapping-key.ts';

interface Wrapping {
  readonly converted: ManagedObjectValue;
  readonly specification: NonNullable<GetRequest['keyWrappingSpecification']>;
  readonly inStructure: boolean;
}

/**
 * An object in the form that Get or Export ask for: its own, another Key Format Type, or wrapped. Throws `destroyed`,
 * `not-extractable`, `sensitive`, what `convertKey` and `wrapKey` throw, and what concerns the wrapping key.
 */
export function presented(context: Context, object: ManagedObject, request: GetRequest): Awaitable<ManagedObjectValue> {
  return whenReady(context.material(object), ({ value }) => {
    if (object.attributes.get('Extractable') === false) {
      throw new KmipError('not-extractable', 'the object is not extractable');
    }
    if (!isWrapped(value)) return formed(context, object, request, { value, inStructure: false });
    const inStructure = isWrappedInStructure(blockOf(value));
    return opened(context, value, request).then((bare) =>
      isWrapped(bare) ? bare : formed(context, object, request, { value: bare, inStructure }),
    );
  });
}

/** An unwrapped object in the form that is asked for. `inStructure`: it came wrapped with its Key Value, and leaves so. */
function formed(
  context: Context,
  object: ManagedObject,
  request: GetRequest,
  { value, inStructure }: { readonly value: ManagedObjectValue; readonly inStructure: boolean },
): Awaitable<ManagedObjectValue> {
  const { keyWrappingSpecification: specification, keyFormatType: format, keyCompressionType: compression } = request;
  if (specification === undefined && object.attributes.get('Sensitive') === true) {
    throw new KmipError('sensitive', 'the object is sensitive: it can be given wrapped only');
  }
  const converted = convertKey(value, { format, compression }, context.version);
  return specification === undefined
    ? converted
    : wrappedUnder(context, object, { converted, specification, inStructure });
}

/** Who may get a key wrapped could unwrap it, and read what goes along with it. */
const givesAttributes = ['GetAttributes', 'Export'] as const;

async function wrappedUnder(
  context: Context,
  object: ManagedObject,
  { converted, specification, inStructure }: Wrapping,
): Promise<ManagedObjectValue> {
  const names = specification.attributeNames;
  if (names.length > 0 && !givesAttributes.some((permission) => context.permits(object, permission))) {
    throw new Denied('not-permitted', 'the user may not have attributes of the object');
  }
  const attributes = names.length === 0 ? undefined : await shownAttributes(context, object, names);
  const input = { specification, inStructure, ...(attributes && { attributes }) };
  return { ...converted, keyBlock: await wrapped(context, blockOf(converted), input) } as never;
}

function isWrapped(value: ManagedObjectValue): boolean {
  return 'keyBlock' in value && value.keyBlock.keyWrappingData !== undefined;
}

/**
 * An object that came wrapped: as it came where that is asked for, unwrapped else. Where no form is asked for and the
 * server cannot unwrap it, for want of the wrapping key, clients such as PyKMIP expect it as they brought it.
 */
async function opened(
  context: Context,
  registered: ManagedObjectValue,
  { keyWrapType, keyWrappingSpecification }: GetRequest,
): Promise<ManagedObjectValue> {
  if (keyWrapType === KeyWrapType.AsRegistered && keyWrappingSpecification === undefined) return registered;
  try {
    return await unwrapped(context, registered);
  } catch (error) {
    const isAsked = keyWrapType === KeyWrapType.NotWrapped || keyWrappingSpecification !== undefined;
    if (isAsked || !(error instanceof KmipError)) throw error;
    return registered;
  }
}

function blockOf(value: ManagedObjectValue): KeyBlock {
  if ('keyBlock' in value) return value.keyBlock;
  throw new KmipError('wrong-type', 'only objects with a Key Block can be wrapped');
}
