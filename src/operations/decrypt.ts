import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { decrypt as decryptData } from '../crypto/cipher.ts';
import { decryptRequest, decryptResponse } from '../kmip/payloads/decrypt.ts';
import { openForUse } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { requiredData } from './required-field.ts';

/** Decrypt (KMIP 2.1, 6.1.11). Without a tag of its own field, the tag of GCM is the end of the data. */
export const decrypt = targeted({
  name: 'Decrypt',
  code: Operation.Decrypt,
  since: 12,
  request: decryptRequest,
  response: decryptResponse,
  permission: 'Decrypt',
  target: 'one',
  async run(context, request, object) {
    const purpose = { use: 'process', mask: CryptographicUsageMask.Decrypt } as const;
    const { key, parameters } = await openForUse(context, object, request, purpose);
    const data = await decryptData(key, {
      parameters,
      data: requiredData(request.data),
      iv: request.ivCounterNonce,
      additionalData: request.authenticatedEncryptionAdditionalData,
      tag: request.authenticatedEncryptionTag,
    });
    return { payload: { uniqueIdentifier: object.id, data } };
  },
});
