import type { ObjectType } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { AttributeSet, type GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeName } from '../kmip/attributes.ts';
import { checkGiven, rulesOf, sameValue } from '../objects/attributes.ts';
import type { Context } from './context.ts';
import { checkUniqueNames } from './unique-names.ts';

/**
 * The attributes that a client gives a new object, checked. Throws what `checkGiven` and `checkUniqueNames` throw.
 * `replacing`: objects whose names the new one takes over.
 */
export async function givenAttributes(
  context: Context,
  given: readonly GivenAttribute[],
  type: ObjectType,
  replacing: readonly string[] = [],
): Promise<AttributeSet> {
  const attributes = AttributeSet.of(given);
  checkGiven(attributes, type, context.version);
  await checkUniqueNames(context, attributes, replacing);
  return attributes;
}

/** Every one of a list is compared with every one of another. */
const MOST_JOINED = 2_000;

/**
 * Attributes of one key of a pair: those of its own, and of the common ones what they leave open. The values of an
 * attribute that can have several instances are joined (KMIP 2.1, 6.1.9). Throws `invalid-field` for endless lists.
 */
export function joined(
  common: readonly GivenAttribute[] = [],
  own: readonly GivenAttribute[] = [],
): readonly GivenAttribute[] {
  if (Math.max(common.length, own.length) > MOST_JOINED) {
    throw new KmipError('invalid-field', `a list has more than ${MOST_JOINED} attributes`);
  }
  const isOpen = ({ key, value }: GivenAttribute) => {
    const isSingle = rulesOf(key).multiple !== true;
    return !own.some((one) => one.key === key && (isSingle || sameValue(one.value, value)));
  };
  return [...common.filter(isOpen), ...own];
}

/** The value of an attribute that a request must have. */
export function required<N extends AttributeName>(attributes: AttributeSet, name: N) {
  const value = attributes.get(name);
  if (value === undefined) throw new KmipError('missing-data', `the ${name} attribute is missing`);
  return value;
}
