import { ObjectGroupMember, Operation } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import { AttributeSet } from '../kmip/attribute-set.ts';
import { type LocateRequest, locateRequest, locateResponse } from '../kmip/payloads/locate.ts';
import { conditionsOf, type Filter, matches } from '../objects/locate.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';
import { untargeted } from './operation.ts';
import { secretKeys } from './shown-attributes.ts';

/**
 * Locate (KMIP 2.1, 6.1.28): newest first in every version. Located Items is answered where pages are asked for by
 * Offset Items, as in the published cases: counting means to look at every object that matches.
 */
export const locate = untargeted({
  name: 'Locate',
  code: Operation.Locate,
  since: 10,
  request: locateRequest,
  response: locateResponse,
  permission: 'Locate',
  target: 'visible',
  async run(context, request) {
    const window = windowOf(request, context.version);
    const found = { ids: [] as string[], count: 0 };
    for await (const { id } of members(request.objectGroupMember, matching(context, filterOf(request)))) {
      found.count += 1;
      if (found.count > window.from && found.count <= window.to) found.ids.push(id);
      if (found.count >= window.to && !window.counted) break;
    }
    const [only, another] = found.ids;
    return {
      payload: { uniqueIdentifier: found.ids, ...(window.counted && { locatedItems: found.count }) },
      placeholder: another === undefined && only !== undefined ? only : null,
    };
  },
});

interface Window {
  readonly from: number;
  readonly to: number;
  readonly counted: boolean;
}

function windowOf({ maximumItems, offsetItems }: LocateRequest, version: Version): Window {
  const [from, most] = [offsetItems ?? 0, maximumItems ?? Number.POSITIVE_INFINITY];
  if (from < 0 || most < 0) throw new KmipError('invalid-field', 'Maximum Items and Offset Items are not negative');
  return { from, to: from + most, counted: offsetItems !== undefined && version >= 13 };
}

/** Each is compared with every instance of its attribute that a candidate has. */
const MOST_FILTERS = 100;

function filterOf({ attributes, storageStatusMask }: LocateRequest): Filter {
  if (attributes.length > MOST_FILTERS) {
    throw new KmipError('invalid-field', `Locate takes ${MOST_FILTERS} attributes at most`);
  }
  return { attributes: AttributeSet.of(attributes), storageStatusMask };
}

/**
 * The objects that a filter finds and the principal may locate, newest first. What lies in the ciphertext, such as the Digest
 * of a password, is compared only for who may read it: others could guess.
 */
export async function* matching(context: Context, filter: Filter): AsyncIterable<ManagedObject> {
  const conditions = conditionsOf(filter, context.now);
  const [id] = filter.attributes.all('UniqueIdentifier').map(({ value }) => value);
  const candidates = typeof id === 'string' ? visible(context, id) : context.find({ conditions });
  const isSecret = [...filter.attributes.keys()].some((key) => secretKeys.has(key));
  for await (const object of candidates) {
    if (isSecret && !context.permits(object, 'GetAttributes')) continue;
    const secret = { keys: secretKeys, of: () => context.secret(object) };
    if (await matches(object, filter, context.now, secret)) yield object;
  }
}

/** The one candidate of a filter that names its identifier. */
async function* visible(context: Context, id: string): AsyncIterable<ManagedObject> {
  const object = await context.taken(id);
  if (object !== undefined && context.permits(object, 'Locate')) yield object;
}

/** The members of an object group that are asked for (KMIP 2.1, 6.1.28). */
async function* members(
  member: ObjectGroupMember | undefined,
  objects: AsyncIterable<ManagedObject>,
): AsyncIterable<ManagedObject> {
  if (member === ObjectGroupMember.GroupMemberFresh) {
    for await (const object of objects) if (object.attributes.get('Fresh') === true) yield object;
  } else if (member === ObjectGroupMember.GroupMemberDefault) {
    yield* defaultMember(objects);
  } else yield* objects;
}

/** The default member: the oldest that was not served yet, or the oldest of all (published cases TC-153). */
async function* defaultMember(objects: AsyncIterable<ManagedObject>): AsyncIterable<ManagedObject> {
  let oldest: ManagedObject | undefined;
  let oldestFresh: ManagedObject | undefined;
  for await (const object of objects) {
    oldest = object;
    if (object.attributes.get('Fresh') === true) oldestFresh = object;
  }
  const found = oldestFresh ?? oldest;
  if (found !== undefined) yield found;
}
