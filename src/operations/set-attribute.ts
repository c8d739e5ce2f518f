import { Operation } from '../../ttlv/tables/enums.ts';
import { setAttributeRequest, setAttributeResponse } from '../kmip/payloads/set-attribute.ts';
import { set } from '../objects/attributes.ts';
import { changeAttribute } from './change-attribute.ts';
import { targeted } from './operation.ts';

/** Set Attribute (KMIP 2.1, 6.1.53). */
export const setAttribute = targeted({
  name: 'SetAttribute',
  code: Operation.SetAttribute,
  since: 20,
  request: setAttributeRequest,
  response: setAttributeResponse,
  permission: 'SetAttribute',
  target: 'one',
  run: (context, { newAttribute: { key, value } }, object) =>
    changeAttribute(context, object, key, (before) => ({ object: set(before, key, value, context) })),
});
