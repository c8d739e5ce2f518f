import { Operation } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { appliesTo, attributeOf } from '../kmip/attribute-lookup.ts';
import { activateRequest, activateResponse } from '../kmip/payloads/activate.ts';
import { changed } from '../objects/changes.ts';
import { after, statesFor } from '../objects/lifecycle.ts';
import { targeted } from './operation.ts';

/** Activate (KMIP 2.1, 6.1.1). Objects that are no cryptographic ones have a State since 2.0 only. */
export const activate = targeted({
  name: 'Activate',
  code: Operation.Activate,
  since: 10,
  request: activateRequest,
  response: activateResponse,
  permission: 'Activate',
  target: 'one',
  states: statesFor('activate'),
  async run({ now, version }, _request, object) {
    if (!appliesTo(attributeOf('State'), object.type, version)) {
      throw new KmipError('wrong-type', 'objects of this type have no state');
    }
    return { payload: { uniqueIdentifier: object.id }, changes: changed(object, after(object, 'activate', now)) };
  },
});
