import { Operation } from '../../ttlv/tables/enums.ts';
import { getRequest, getResponse } from '../kmip/payloads/get.ts';
import { type ChangeSet, changed } from '../objects/changes.ts';
import type { ManagedObject } from '../objects/object.ts';
import { targeted } from './operation.ts';
import { presented } from './presented.ts';

/** Get (KMIP 2.1, 6.1.19). */
export const get = targeted({
  name: 'Get',
  code: Operation.Get,
  since: 10,
  request: getRequest,
  response: getResponse,
  permission: 'Get',
  target: 'one',
  async run(context, request, object) {
    const value = await presented(context, object, request);
    const payload = { objectType: object.type, uniqueIdentifier: object.id, object: value };
    return object.attributes.get('Fresh') === true ? { payload, changes: served(object) } : { payload };
  },
});

/** An object is fresh until it is served to a client for the first time (KMIP 2.1, 4.24). */
function served(object: ManagedObject): ChangeSet {
  return changed(object, { ...object, attributes: object.attributes.with('Fresh', false) });
}
