import { Operation } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { addAttributeRequest, addAttributeResponse } from '../kmip/payloads/add-attribute.ts';
import { added } from '../objects/attributes.ts';
import { changeAttribute } from './change-attribute.ts';
import { targeted } from './operation.ts';
import { resolved } from './requested.ts';

/** Add Attribute (KMIP 2.1, 6.1.2). In 1.x the server gives the index, and the client must not (KMIP 1.4, 11.15). */
export const addAttribute = targeted({
  name: 'AddAttribute',
  code: Operation.AddAttribute,
  since: 10,
  request: addAttributeRequest,
  response: addAttributeResponse,
  permission: 'AddAttribute',
  target: 'one',
  async run(context, { newAttribute }, object) {
    const { key, index: given, value } = resolved(context, newAttribute);
    if (given !== undefined) throw new KmipError('invalid-field', 'a new attribute has no Attribute Index');
    return changeAttribute(context, object, key, (before) => {
      const after = added(before, key, value, context);
      const index = after.attributes.instances(key).at(-1)?.index ?? 0;
      return { object: after, shown: { key, index, value } };
    });
  },
});
