import { Operation } from '../../ttlv/tables/enums.ts';
import { exportRequest, exportResponse } from '../kmip/payloads/export.ts';
import { targeted } from './operation.ts';
import { presented } from './presented.ts';
import { shownAttributes } from './shown-attributes.ts';

/** Export (KMIP 2.1, 6.1.18): an object as Get gives it, with all its attributes. */
export const exportObject = targeted({
  name: 'Export',
  code: Operation.Export,
  since: 14,
  request: exportRequest,
  response: exportResponse,
  permission: 'Export',
  target: 'one',
  async run(context, request, object) {
    const value = await presented(context, object, request);
    const attributes = await shownAttributes(context, object);
    return {
      payload: { objectType: object.type, uniqueIdentifier: object.id, attributes, object: value },
      placeholder: object.id,
    };
  },
});
