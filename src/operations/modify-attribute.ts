import { Operation } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import type { AttributeSet, GivenAttribute } from '../kmip/attribute-set.ts';
import {
  type ModifyAttributeRequest,
  modifyAttributeRequest,
  modifyAttributeResponse,
} from '../kmip/payloads/modify-attribute.ts';
import { modified, type Selector, selected } from '../objects/attributes.ts';
import { changeAttribute } from './change-attribute.ts';
import { targeted } from './operation.ts';
import { resolved } from './requested.ts';

/** Modify Attribute (KMIP 2.1, 6.1.34). */
export const modifyAttribute = targeted({
  name: 'ModifyAttribute',
  code: Operation.ModifyAttribute,
  since: 10,
  request: modifyAttributeRequest,
  response: modifyAttributeResponse,
  permission: 'ModifyAttribute',
  target: 'one',
  run: (context, request, object) => {
    const { key, value } = resolved(context, request.newAttribute);
    return changeAttribute(context, object, key, (before) => {
      const selector = selectorOf(request, before.attributes, context.version);
      const after = modified(before, key, { value, selector }, context);
      const { index } = selected(before, key, selector);
      return { object: after, shown: { key, index, value } };
    });
  },
});

/** 1.x: by index, the first instance where none is given; 2.x: by the current value. */
function selectorOf(
  { newAttribute, currentAttribute }: ModifyAttributeRequest,
  attributes: AttributeSet,
  version: Version,
): Selector {
  if (version < 20) return firstOr(newAttribute, attributes);
  if (currentAttribute === undefined) return {};
  if (currentAttribute.key !== newAttribute.key) {
    throw new KmipError('invalid-field', 'Current Attribute and New Attribute are different attributes');
  }
  return { current: { value: currentAttribute.value } };
}

/** Clients that give no index mean the first instance, whose index is 0 unless it was deleted. */
function firstOr({ key, index }: GivenAttribute, attributes: AttributeSet): Selector {
  const wanted = index ?? attributes.instances(key)[0]?.index;
  return wanted === undefined ? {} : { index: wanted };
}
