import { Operation } from '../../ttlv/tables/enums.ts';
import { activateRequest, activateResponse } from '../kmip/payloads/activate.ts';
import { changed } from '../objects/changes.ts';
import { after, statesFor } from '../objects/lifecycle.ts';
import { targeted } from './operation.ts';

/** Activate (KMIP 2.1, 6.1.1). */
export const activate = targeted({
  name: 'Activate',
  code: Operation.Activate,
  since: 10,
  request: activateRequest,
  response: activateResponse,
  permission: 'Activate',
  target: 'one',
  states: statesFor('activate'),
  async run({ now }, _request, object) {
    return { payload: { uniqueIdentifier: object.id }, changes: changed(object, after(object, 'activate', now)) };
  },
});
