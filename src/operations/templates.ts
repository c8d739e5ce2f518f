import { ObjectType } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import { AttributeSet, type GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeValue } from '../kmip/attributes.ts';
import { templateNameOf } from '../kmip/legacy.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import { checkGiven } from '../objects/attributes.ts';
import { joined } from './attribute-groups.ts';
import type { Context } from './context.ts';
import { matching } from './locate.ts';

/**
 * Templates (KMIP 1.0 to 1.4; deprecated since 1.3): named lists of attributes for new objects. What concerns them is here,
 * but for their structure and the form of their names in requests.
 */

/** Each is looked for, opened and joined with the others. */
const MOST_TEMPLATES = 16;

/**
 * The attributes of a request, those of the templates that it names among them. Of single values the last template's
 * counts, and the request's before all; several values are joined, the templates' first (KMIP 1.4, 4). Throws
 * `not-found` for a template that the principal may not get, and `invalid-field` for too many.
 */
export async function withTemplates(
  context: Context,
  given: readonly GivenAttribute[] = [],
): Promise<readonly GivenAttribute[]> {
  const names = given.flatMap((one) => templateNameOf(one) ?? []);
  if (names.length === 0) return given;
  if (names.length > MOST_TEMPLATES) {
    throw new KmipError('invalid-field', `a request may name ${MOST_TEMPLATES} templates`);
  }
  let attributes: readonly GivenAttribute[] = [];
  for (const name of names) attributes = joined(attributes, await attributesOf(context, name));
  return joined(
    attributes,
    given.filter((one) => templateNameOf(one) === undefined),
  );
}

/** What lies in a template, but for its own name. */
async function attributesOf(context: Context, name: AttributeValue<'Name'>): Promise<readonly GivenAttribute[]> {
  const attributes = AttributeSet.of([
    { key: 'ObjectType', value: ObjectType.Template },
    { key: 'Name', value: name },
  ]);
  for await (const template of matching(context, { attributes, storageStatusMask: undefined })) {
    if (!context.permits(template, 'Get')) continue;
    const { value } = await context.material(template);
    return attributesIn(value).filter(({ key }) => key !== 'Name');
  }
  throw new KmipError('not-found', 'there is no template of this name');
}

/**
 * The names of a template to be registered that lie in itself. It has them there in 1.0 (published case TC-312-10), and
 * must not have them there since 1.2: throws `invalid-field` then, and what `checkGiven` throws for its attributes.
 */
export function namesInside(value: ManagedObjectValue | undefined, version: Version): readonly GivenAttribute[] {
  const attributes = attributesIn(value);
  checkGiven(AttributeSet.of(attributes), ObjectType.Template, version);
  const names = attributes.filter(({ key }) => key === 'Name');
  if (version >= 12 && names.length > 0) {
    throw new KmipError('invalid-field', 'the name of a template is an attribute beside it, not in it');
  }
  return names;
}

function attributesIn(value: ManagedObjectValue | undefined): readonly GivenAttribute[] {
  return value?.type === ObjectType.Template ? value.attributes : [];
}
