import { ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import { chooseSymmetric } from '../crypto/algorithms.ts';
import { generateSymmetric } from '../crypto/generate.ts';
import { KmipError } from '../errors.ts';
import { createRequest, createResponse } from '../kmip/payloads/create.ts';
import { givenAttributes, required } from './attribute-groups.ts';
import { newObject } from './making.ts';
import { untargeted } from './operation.ts';
import { checkProtection } from './protection.ts';
import { requestedAttributes } from './requested.ts';

/** Create (KMIP 2.1, 6.1.8) of a symmetric key. */
export const create = untargeted({
  name: 'Create',
  code: Operation.Create,
  since: 10,
  request: createRequest,
  response: createResponse,
  permission: 'Create',
  target: 'none',
  async run(context, { objectType, attributes, protectionStorageMasks }) {
    if (objectType !== ObjectType.SymmetricKey) {
      throw new KmipError('wrong-type', 'objects of this type are not created but registered');
    }
    const given = await givenAttributes(context, await requestedAttributes(context, attributes), objectType);
    checkProtection(given, protectionStorageMasks);
    const algorithm = required(given, 'CryptographicAlgorithm');
    const keyBlock = generateSymmetric(chooseSymmetric(algorithm, given.get('CryptographicLength')));
    const id = context.newIdentifier();
    const put = newObject(context, { id, value: { type: objectType, keyBlock }, given, generated: true });
    return { payload: { objectType, uniqueIdentifier: id }, changes: { puts: [put] }, placeholder: id };
  },
});
