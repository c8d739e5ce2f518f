import { LinkType, ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import { chooseSymmetric } from '../crypto/algorithms.ts';
import { generateSymmetric } from '../crypto/generate.ts';
import { KmipError } from '../errors.ts';
import { reKeyRequest, reKeyResponse } from '../kmip/payloads/re-key.ts';
import { livingStates } from '../objects/lifecycle.ts';
import { linkTo } from '../objects/links.ts';
import { givenAttributes, required } from './attribute-groups.ts';
import { newObject } from './making.ts';
import { targeted } from './operation.ts';
import { checkProtection } from './protection.ts';
import { replacedPut, replacementAttributes } from './re-key-attributes.ts';
import { requestedAttributes } from './requested.ts';

/** Re-key (KMIP 2.1, 6.1.46): a new symmetric key in the place of an existing one, whose names it takes over. */
export const reKey = targeted({
  name: 'ReKey',
  code: Operation.ReKey,
  since: 10,
  request: reKeyRequest,
  response: reKeyResponse,
  permission: 'Rekey',
  target: 'one',
  states: livingStates,
  async run(context, { attributes, offset, protectionStorageMasks }, existing) {
    if (existing.type !== ObjectType.SymmetricKey) {
      throw new KmipError('wrong-type', 'only symmetric keys are re-keyed');
    }
    const requested = await requestedAttributes(context, attributes);
    await givenAttributes(context, requested, existing.type, [existing.id]);
    const given = replacementAttributes(existing, requested, offset, context.now);
    checkProtection(given, protectionStorageMasks);
    const choice = chooseSymmetric(required(given, 'CryptographicAlgorithm'), given.get('CryptographicLength'));
    const id = context.newIdentifier();
    const replacement = newObject(context, {
      id,
      value: { type: ObjectType.SymmetricKey, keyBlock: generateSymmetric(choice) },
      given,
      facts: [linkTo(LinkType.ReplacedObjectLink, existing.id)],
      generated: true,
      owner: existing,
    });
    return {
      payload: { uniqueIdentifier: id },
      changes: { puts: [replacement, replacedPut(existing, id, context.now)] },
      placeholder: id,
    };
  },
});
