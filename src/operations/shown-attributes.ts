import { KmipError } from '../errors.ts';
import { appliesTo, attributeList, attributeOf } from '../kmip/attribute-lookup.ts';
import { type AttributeKey, AttributeSet, type GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeName } from '../kmip/attributes.ts';
import { effectiveState } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';

/** The names of the attributes that lie in the ciphertext. */
export const secretKeys: ReadonlySet<AttributeKey> = new Set(
  attributeList.filter(({ secret }) => secret === true).map(({ name }) => name),
);

const isStandard = (key: AttributeKey): key is AttributeName => !key.includes(':');

/**
 * The attributes of an object as a client sees them, with their indexes: those that `references` name, or all, in the
 * order of the table and vendor attributes last. Attributes without a value are left out, and what the version does not
 * define is left out when the answer is written. Throws `invalid-message` where an attribute is named twice.
 */
export async function shownAttributes(
  context: Context,
  object: ManagedObject,
  references: readonly AttributeKey[] = [],
): Promise<readonly GivenAttribute[]> {
  if (new Set(references).size < references.length) {
    throw new KmipError('invalid-message', 'the same attribute is named twice');
  }
  const wantsSecret = references.length === 0 || references.some((key) => secretKeys.has(key));
  const all = [...(await allOf(context, object, wantsSecret))];
  const known = all.filter(({ key }) => !isStandard(key) || appliesTo(attributeOf(key), object.type, context.version));
  if (references.length === 0) return known;
  const byKey = Map.groupBy(known, ({ key }) => key);
  return references.flatMap((key) => byKey.get(key) ?? []);
}

async function allOf(context: Context, object: ManagedObject, withSecret: boolean): Promise<readonly GivenAttribute[]> {
  const ofRow = completed(context, object);
  const set = withSecret
    ? AttributeSet.restore([...ofRow.entries(), ...(await context.secret(object)).entries()])
    : ofRow;
  const vendors = [...set.keys()].filter((key) => !isStandard(key));
  return [...attributeList.map(({ name }) => name), ...vendors].flatMap((key) =>
    set.instances(key).map(({ index, value }) => ({ key, index, value })),
  );
}

/** With what the row has in fields of its own, and the count of what is left of the Usage Limits. */
function completed({ now }: Context, object: ManagedObject): AttributeSet {
  const limits = object.attributes.get('UsageLimits');
  const counted =
    limits === undefined || object.usageLeft === undefined ? limits : { ...limits, usageLimitsCount: object.usageLeft };
  return object.attributes
    .with('UniqueIdentifier', object.id)
    .with('ObjectType', object.type)
    .with('State', effectiveState(object, now))
    .with('UsageLimits', counted);
}
