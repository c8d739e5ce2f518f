import { KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { AttributeValue } from '../kmip/attributes.ts';
import { sameValue } from '../objects/attributes.ts';
import { valueDigest } from '../objects/index-entries.ts';
import { effectiveState, isDestroyed } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';

/**
 * With the setting `namesUnique = owner`, which holds by the claims of a commit (`newNames`); this tells of objects that were
 * written without, and before anything is made: throws `duplicate-name` where another living object of the principal has one
 * of the Names. `replacing` are identifiers that give their names up.
 */
export async function checkUniqueNames(
  context: Context,
  names: AttributeSet,
  replacing: readonly string[],
): Promise<void> {
  if (context.settings.namesUnique !== 'owner') return;
  for (const { value } of names.all('Name')) {
    const query = { conditions: [{ kind: 'value', digest: valueDigest('Name', value) }] as const };
    for await (const object of context.find(query)) {
      if (!replacing.includes(object.id) && isRival(context, object) && hasName(object, value)) {
        throw new KmipError('duplicate-name', 'another object has this Name');
      }
    }
  }
}

/** Candidates are only that: others have the same digest, or are staged in the same batch. */
function hasName({ attributes }: ManagedObject, name: AttributeValue<'Name'>): boolean {
  return attributes.all('Name').some(({ value }) => sameValue(value, name));
}

function isRival({ principal, now }: Context, object: ManagedObject): boolean {
  return object.owner === principal.name && !isDestroyed(effectiveState(object, now));
}
