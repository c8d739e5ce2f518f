import { Operation } from '../../ttlv/tables/enums.ts';
import { setAttributeRequest, setAttributeResponse } from '../kmip/payloads/set-attribute.ts';
import { set } from '../objects/attributes.ts';
import { changeAttribute } from './change-attribute.ts';
import { targeted } from './operation.ts';
import { resolved } from './requested.ts';

/** Set Attribute (KMIP 2.1, 6.1.53). */
export const setAttribute = targeted({
  name: 'SetAttribute',
  code: Operation.SetAttribute,
  since: 20,
  request: setAttributeRequest,
  response: setAttributeResponse,
  permission: 'SetAttribute',
  target: 'one',
  run: (context, { newAttribute }, object) => {
    const { key, value } = resolved(context, newAttribute);
    return changeAttribute(context, object, key, (before) => ({ object: set(before, key, value, context) }));
  },
});
