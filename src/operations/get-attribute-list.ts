import { Operation } from '../../ttlv/tables/enums.ts';
import { getAttributeListRequest, getAttributeListResponse } from '../kmip/payloads/get-attribute-list.ts';
import { targeted } from './operation.ts';
import { shownAttributes } from './shown-attributes.ts';

/** Get Attribute List (KMIP 2.1, 6.1.21): each name once, however many instances there are. */
export const getAttributeList = targeted({
  name: 'GetAttributeList',
  code: Operation.GetAttributeList,
  since: 10,
  request: getAttributeListRequest,
  response: getAttributeListResponse,
  permission: 'GetAttributeList',
  target: 'one',
  async run(context, _request, object) {
    const shown = await shownAttributes(context, object);
    const attributeReferences = [...new Set(shown.map(({ key }) => key))];
    return { payload: { uniqueIdentifier: object.id, attributeReferences } };
  },
});
