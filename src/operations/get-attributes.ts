import { Operation } from '../../ttlv/tables/enums.ts';
import { getAttributesRequest, getAttributesResponse } from '../kmip/payloads/get-attributes.ts';
import { targeted } from './operation.ts';
import { shownAttributes } from './shown-attributes.ts';

/** Get Attributes (KMIP 2.1, 6.1.20). */
export const getAttributes = targeted({
  name: 'GetAttributes',
  code: Operation.GetAttributes,
  since: 10,
  request: getAttributesRequest,
  response: getAttributesResponse,
  permission: 'GetAttributes',
  target: 'one',
  async run(context, { attributeReferences }, object) {
    const attributes = await shownAttributes(context, object, attributeReferences);
    return { payload: { uniqueIdentifier: object.id, attributes } };
  },
});
