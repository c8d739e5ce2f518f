import { ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import { createKeyPairRequest, createKeyPairResponse } from '../kmip/payloads/create-key-pair.ts';
import { givenAttributes } from './attribute-groups.ts';
import { newPair, pairAttributes } from './key-pair.ts';
import { untargeted } from './operation.ts';
import { checkProtection } from './protection.ts';

/** Create Key Pair (KMIP 2.1, 6.1.9). The ID Placeholder becomes the private key. */
export const createKeyPair = untargeted({
  name: 'CreateKeyPair',
  code: Operation.CreateKeyPair,
  since: 10,
  request: createKeyPairRequest,
  response: createKeyPairResponse,
  permission: 'Create',
  target: 'none',
  async run(context, request) {
    const { ofPrivate, ofPublic } = await pairAttributes(context, request);
    const privateKey = await givenAttributes(context, ofPrivate, ObjectType.PrivateKey);
    const publicKey = await givenAttributes(context, ofPublic, ObjectType.PublicKey);
    checkProtection(privateKey, request.privateProtectionStorageMasks ?? request.commonProtectionStorageMasks);
    checkProtection(publicKey, request.publicProtectionStorageMasks ?? request.commonProtectionStorageMasks);
    const pair = await newPair(context, { privateKey: { given: privateKey }, publicKey: { given: publicKey } });
    const privateKeyUniqueIdentifier = pair.privateKey.after.id;
    return {
      payload: { privateKeyUniqueIdentifier, publicKeyUniqueIdentifier: pair.publicKey.after.id },
      changes: { puts: [pair.publicKey, pair.privateKey] },
      placeholder: privateKeyUniqueIdentifier,
    };
  },
});
