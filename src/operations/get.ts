import { Operation } from '../../ttlv/tables/enums.ts';
import { whenReady } from '../awaitable.ts';
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
  run: (context, request, object) =>
    whenReady(presented(context, object, request), (value) => {
      const payload = { objectType: object.type, uniqueIdentifier: object.id, object: value };
      return object.attributes.get('Fresh') === true ? { payload, changes: served(object) } : { payload };
    }),
});

/** An object is fresh until it is served to a client for the first time (KMIP 2.1, 4.24). */
function served(object: ManagedObject): ChangeSet {
  return changed(object, { ...object, attributes: object.attributes.with('Fresh', false) });
}
