import { Operation } from '../../ttlv/tables/enums.ts';
import { addAttributeRequest, addAttributeResponse } from '../kmip/payloads/add-attribute.ts';
import { added } from '../objects/attributes.ts';
import { changeAttribute } from './change-attribute.ts';
import { targeted } from './operation.ts';

/** Add Attribute (KMIP 2.1, 6.1.2). A client's index is not used: the server gives them (KMIP 1.4, 4.14). */
export const addAttribute = targeted({
  name: 'AddAttribute',
  code: Operation.AddAttribute,
  since: 10,
  request: addAttributeRequest,
  response: addAttributeResponse,
  permission: 'AddAttribute',
  target: 'one',
  run: (context, { newAttribute: { key, value } }, object) =>
    changeAttribute(context, object, key, (before) => {
      const after = added(before, key, value, context);
      const index = after.attributes.instances(key).at(-1)?.index ?? 0;
      return { object: after, shown: { key, index, value } };
    }),
});
