import { Operation } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import type { AttributeKey } from '../kmip/attribute-set.ts';
import {
  type DeleteAttributeRequest,
  deleteAttributeRequest,
  deleteAttributeResponse,
} from '../kmip/payloads/delete-attribute.ts';
import { deleted, type Selector, selected } from '../objects/attributes.ts';
import { changeAttribute } from './change-attribute.ts';
import { targeted } from './operation.ts';

/** Delete Attribute (KMIP 2.1, 6.1.13): one instance, or in 2.x by reference all of them. 1.x is shown what was deleted. */
export const deleteAttribute = targeted({
  name: 'DeleteAttribute',
  code: Operation.DeleteAttribute,
  since: 10,
  request: deleteAttributeRequest,
  response: deleteAttributeResponse,
  permission: 'DeleteAttribute',
  target: 'one',
  run: (context, request, object) => {
    const key = keyOf(request);
    return changeAttribute(context, object, key, (before) => {
      const selector = selectorOf(request, context.version);
      // First, since what cannot be deleted is refused whether the object has it or not.
      const after = deleted(before, key, selector, context.now);
      const { index, value } = selected(before, key, selector === 'all' ? firstOf(before, key) : selector);
      return { object: after, shown: { key, index, value } };
    });
  },
});

function firstOf(
  object: { attributes: { instances(key: AttributeKey): readonly { index: number }[] } },
  key: AttributeKey,
): Selector {
  const [first] = object.attributes.instances(key);
  return first === undefined ? {} : { index: first.index };
}

function keyOf({ attributeReference, currentAttribute }: DeleteAttributeRequest): AttributeKey {
  const key = attributeReference ?? currentAttribute?.key;
  if (key === undefined) {
    throw new KmipError('missing-data', 'neither Current Attribute nor Attribute Reference is given');
  }
  return key;
}

/** 1.x: the index, 0 where none is given (KMIP 1.4, 4.16); 2.x: the current value, or every instance. */
function selectorOf({ attributeIndex, currentAttribute }: DeleteAttributeRequest, version: Version): Selector | 'all' {
  if (version < 20) return { index: attributeIndex ?? 0 };
  return currentAttribute === undefined ? 'all' : { current: { value: currentAttribute.value } };
}
