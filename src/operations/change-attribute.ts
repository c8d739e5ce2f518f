import type { AttributeKey, GivenAttribute } from '../kmip/attribute-set.ts';
import { type ChangeSet, changed } from '../objects/changes.ts';
import { withDerived } from '../objects/derived.ts';
import { touched } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';
import type { Done } from './operation.ts';
import { checkUniqueNames } from './unique-names.ts';

/** What Add, Modify, Delete and Set Attribute answer: 1.x shows the attribute, 2.x the identifier only. */
export interface AttributeAnswer {
  readonly uniqueIdentifier: string;
  readonly attribute?: GivenAttribute;
}

/**
 * Writes an object whose attribute was changed by `change`, and answers with the attribute that `show` names. The
 * effective state is written down before the change, so that no date of the past is lost by it.
 */
export async function changeAttribute(
  context: Context,
  object: ManagedObject,
  key: AttributeKey,
  change: (object: ManagedObject) => { object: ManagedObject; shown?: GivenAttribute },
): Promise<Done<AttributeAnswer>> {
  const { object: after, shown } = change(touched(object, context.now));
  if (key === 'Name') await checkUniqueNames(context, after.attributes, [object.id]);
  const changes: ChangeSet = changed(object, withDerived(after, object));
  return { payload: { uniqueIdentifier: object.id, ...(shown && { attribute: shown }) }, changes };
}
