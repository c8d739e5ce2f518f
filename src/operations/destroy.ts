import { Operation } from '../../ttlv/tables/enums.ts';
import { destroyRequest, destroyResponse } from '../kmip/payloads/destroy.ts';
import { after, statesFor } from '../objects/lifecycle.ts';
import { targeted } from './operation.ts';

/** Destroy (KMIP 2.1, 6.1.15): the material goes, the object and its attributes stay. */
export const destroy = targeted({
  name: 'Destroy',
  code: Operation.Destroy,
  since: 10,
  request: destroyRequest,
  response: destroyResponse,
  permission: 'Destroy',
  target: 'one',
  states: statesFor('destroy'),
  async run(context, _request, object) {
    const destroyed = after(object, 'destroy', context.now);
    const material = { secret: await context.secret(object) };
    return {
      payload: { uniqueIdentifier: object.id },
      changes: { puts: [{ before: object, after: destroyed, material }] },
    };
  },
});
