import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { type Encrypted, encrypt as encryptData } from '../crypto/cipher.ts';
import { type EncryptResponse, encryptRequest, encryptResponse } from '../kmip/payloads/encrypt.ts';
import { openForUse } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { requiredData } from './required-field.ts';

/** Encrypt (KMIP 2.1, 6.1.17). Up to 1.3, which have no field for it, the tag of GCM is the end of the data. */
export const encrypt = targeted({
  name: 'Encrypt',
  code: Operation.Encrypt,
  since: 12,
  request: encryptRequest,
  response: encryptResponse,
  permission: 'Encrypt',
  target: 'one',
  async run(context, request, object) {
    const data = requiredData(request.data);
    const purpose = { use: 'protect', mask: CryptographicUsageMask.Encrypt, bytes: data.length } as const;
    const { key, parameters } = await openForUse(context, object, request, purpose);
    const encrypted = await encryptData(key, {
      parameters,
      data,
      iv: request.ivCounterNonce,
      additionalData: request.authenticatedEncryptionAdditionalData,
    });
    return { payload: answer(object.id, encrypted, context.version >= 14) };
  },
});

function answer(uniqueIdentifier: string, { data, iv, tag }: Encrypted, hasTagField: boolean): EncryptResponse {
  const made = iv === undefined ? undefined : { ivCounterNonce: iv };
  if (tag === undefined) return { uniqueIdentifier, data, ...made };
  return hasTagField
    ? { uniqueIdentifier, data, ...made, authenticatedEncryptionTag: tag }
    : { uniqueIdentifier, data: Buffer.concat([data, tag]), ...made };
}
