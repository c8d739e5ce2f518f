import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { messageHash, sign as signData } from '../crypto/signature.ts';
import { KmipError } from '../errors.ts';
import { type SignRequest, signRequest, signResponse } from '../kmip/payloads/sign.ts';
import { spend, type UsableKey, usableKey } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { isPart, runPart } from './parts.ts';
import { requiredData } from './required-field.ts';
import type { Stream } from './streams.ts';

const purpose = { use: 'protect', mask: CryptographicUsageMask.Sign } as const;

/** Sign (KMIP 2.1, 6.1.55). */
export const sign = targeted({
  name: 'Sign',
  code: Operation.Sign,
  since: 12,
  request: signRequest,
  response: signResponse,
  permission: 'Sign',
  target: 'one',
  async run(context, request, object) {
    if (isPart(request)) {
      return { payload: await runPart(context, object, request, { name: 'Sign', purpose, begin: signatureStream }) };
    }
    const message = signedMessage(request);
    const bytes = ('data' in message ? message.data : message.digestedData).length;
    const { key, parameters } = await usableKey(context, object, request, purpose);
    const signatureData = await signData(key, { parameters, ...message });
    await spend(context, object, purpose, { bytes, uses: 1 });
    return { payload: { uniqueIdentifier: object.id, signatureData } };
  },
});

function signatureStream({ key, parameters }: UsableKey): Stream {
  const hash = messageHash(key, parameters);
  return {
    async next({ data, isLast }) {
      hash.update(data);
      return isLast ? { signatureData: await signData(key, { parameters, digestedData: hash.digest() }) } : {};
    },
  };
}

/** What is signed: the message, or its digest. */
type SignedMessage = { readonly data: Buffer } | { readonly digestedData: Buffer };

/** The message, or its digest: one of them (KMIP 1.4, 4.31). Throws `missing-data`, `invalid-field`. */
export function signedMessage({ data, digestedData }: Pick<SignRequest, 'data' | 'digestedData'>): SignedMessage {
  if (digestedData === undefined) return { data: requiredData(data) };
  if (data === undefined) return { digestedData };
  throw new KmipError('invalid-field', 'Data and Digested Data exclude each other');
}
