import { Operation } from '../../ttlv/tables/enums.ts';
import { registerRequest, registerResponse } from '../kmip/payloads/register.ts';
import { givenAttributes } from './attribute-groups.ts';
import { newObject } from './making.ts';
import { untargeted } from './operation.ts';
import { checkProtection } from './protection.ts';
import { registrationFacts } from './registration.ts';
import { requestedAttributes } from './requested.ts';
import { namesInside } from './templates.ts';

/** Register (KMIP 2.1, 6.1.43). The object is kept as it came. */
export const register = untargeted({
  name: 'Register',
  code: Operation.Register,
  since: 10,
  request: registerRequest,
  response: registerResponse,
  permission: 'Create',
  target: 'none',
  async run(context, request) {
    const { objectType, object } = request;
    const requested = await requestedAttributes(context, request.attributes);
    const names = namesInside(object, context.version);
    const given = await givenAttributes(context, [...requested, ...names], objectType);
    checkProtection(given, request.protectionStorageMasks);
    const { value, facts } = registrationFacts(objectType, object, given);
    const id = context.newIdentifier();
    const put = newObject(context, { id, value, given, facts, generated: false });
    return { payload: { uniqueIdentifier: id }, changes: { puts: [put] }, placeholder: id };
  },
});
