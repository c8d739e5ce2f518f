import { LinkType, ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { reKeyKeyPairRequest, reKeyKeyPairResponse } from '../kmip/payloads/re-key-key-pair.ts';
import { livingStates } from '../objects/lifecycle.ts';
import { linked, linkTo } from '../objects/links.ts';
import type { ManagedObject } from '../objects/object.ts';
import { givenAttributes } from './attribute-groups.ts';
import type { Context } from './context.ts';
import { newPair, pairAttributes } from './key-pair.ts';
import { targeted } from './operation.ts';
import { checkProtection } from './protection.ts';
import { replacedPut, replacementAttributes } from './re-key-attributes.ts';

/** Re-key Key Pair (KMIP 2.1, 6.1.47): a new pair in the place of an existing one, found by its private key. */
export const reKeyKeyPair = targeted({
  name: 'ReKeyKeyPair',
  code: Operation.ReKeyKeyPair,
  since: 11,
  request: reKeyKeyPairRequest,
  response: reKeyKeyPairResponse,
  permission: 'Rekey',
  target: 'one',
  states: livingStates,
  async run(context, request, privateKey) {
    const publicKey = await publicKeyOf(context, privateKey);
    const { offset } = request;
    const { ofPrivate, ofPublic } = await pairAttributes(context, request);
    await givenAttributes(context, ofPrivate, privateKey.type, [privateKey.id, publicKey.id]);
    await givenAttributes(context, ofPublic, publicKey.type, [privateKey.id, publicKey.id]);
    const givenPrivate = replacementAttributes(privateKey, ofPrivate, offset, context.now);
    const givenPublic = replacementAttributes(publicKey, ofPublic, offset, context.now);
    checkProtection(givenPrivate, request.privateProtectionStorageMasks ?? request.commonProtectionStorageMasks);
    checkProtection(givenPublic, request.publicProtectionStorageMasks ?? request.commonProtectionStorageMasks);
    const pair = await newPair(context, {
      privateKey: {
        given: givenPrivate,
        facts: [linkTo(LinkType.ReplacedObjectLink, privateKey.id)],
        owner: privateKey,
      },
      publicKey: { given: givenPublic, facts: [linkTo(LinkType.ReplacedObjectLink, publicKey.id)], owner: publicKey },
    });
    const [privateId, publicId] = [pair.privateKey.after.id, pair.publicKey.after.id];
    return {
      payload: { privateKeyUniqueIdentifier: privateId, publicKeyUniqueIdentifier: publicId },
      changes: {
        puts: [
          pair.publicKey,
          pair.privateKey,
          replacedPut(publicKey, publicId, context.now),
          replacedPut(privateKey, privateId, context.now),
        ],
      },
      placeholder: privateId,
    };
  },
});

async function publicKeyOf(context: Context, privateKey: ManagedObject): Promise<ManagedObject> {
  const [id] = linked(privateKey.attributes, LinkType.PublicKeyLink);
  if (privateKey.type !== ObjectType.PrivateKey || id === undefined) {
    throw new KmipError('wrong-type', 'only private keys that are linked to their public key stand for a pair');
  }
  return context.object(id, 'Rekey');
}
