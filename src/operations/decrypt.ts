import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { whenReady } from '../awaitable.ts';
import { Decryption, decrypt as decryptData } from '../crypto/cipher.ts';
import { type DecryptRequest, decryptRequest, decryptResponse } from '../kmip/payloads/decrypt.ts';
import { type UsableKey, usableKey } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { isPart, nonEmpty, runPart } from './parts.ts';
import { requiredData } from './required-field.ts';
import type { Stream } from './streams.ts';

const purpose = { use: 'process', mask: CryptographicUsageMask.Decrypt } as const;

/** Decrypt (KMIP 2.1, 6.1.11). Without a tag of its own field, the tag of GCM is the end of the data. */
export const decrypt = targeted({
  name: 'Decrypt',
  code: Operation.Decrypt,
  since: 12,
  request: decryptRequest,
  response: decryptResponse,
  permission: 'Decrypt',
  target: 'one',
  run(context, request, object) {
    if (isPart(request)) {
      const begin = (usable: UsableKey) => decryptionStream(usable, request);
      return runPart(context, object, request, { name: 'Decrypt', purpose, begin }).then((payload) => ({ payload }));
    }
    return whenReady(usableKey(context, object, request, purpose), ({ key, parameters }) => {
      const decrypted = decryptData(key, { parameters, data: requiredData(request.data), ...inputsOf(request) });
      return whenReady(decrypted, (data) => ({ payload: { uniqueIdentifier: object.id, data } }));
    });
  },
});

function inputsOf(request: DecryptRequest) {
  return {
    iv: request.ivCounterNonce,
    additionalData: request.authenticatedEncryptionAdditionalData,
    tag: request.authenticatedEncryptionTag,
  };
}

/**
 * Each part answers what it decrypts, also of an authenticated message, which is genuine only if the last part succeeds:
 * a server that held it back would hold as much as a client likes to send.
 */
function decryptionStream({ key, parameters }: UsableKey, request: DecryptRequest): Stream {
  const decryption = new Decryption(key, { parameters, ...inputsOf(request) });
  return {
    next({ data, isLast }) {
      const ready = decryption.update(data);
      return isLast ? nonEmpty(ready, decryption.final()) : nonEmpty(ready);
    },
  };
}
