import type { GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeValue } from '../kmip/attributes.ts';
import type { Context } from './context.ts';
import { withTemplates } from './templates.ts';

/**
 * The attributes that a request gives a new object, as it means them: with those of its templates, and Links to the
 * objects that they refer to. Throws what `withTemplates` and `resolved` throw.
 */
export function requestedAttributes(
  context: Context,
  given: readonly GivenAttribute[] = [],
): Promise<readonly GivenAttribute[]> {
  return withTemplates(
    context,
    given.map((one) => resolved(context, one)),
  );
}

/**
 * An attribute whose value is kept: since 2.0 a Link may name its object by what the batch has done (KMIP 2.1, 4.31), which
 * means nothing later. Throws `not-found` where it refers to nothing.
 */
export function resolved(context: Context, given: GivenAttribute): GivenAttribute {
  if (given.key !== 'Link') return given;
  const value = given.value as AttributeValue<'Link'>;
  if (typeof value.linkedObjectIdentifier === 'string') return given;
  return { ...given, value: { ...value, linkedObjectIdentifier: context.resolve(value.linkedObjectIdentifier) } };
}
