import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { sign as signData } from '../crypto/signature.ts';
import { KmipError } from '../errors.ts';
import { type SignRequest, signRequest, signResponse } from '../kmip/payloads/sign.ts';
import { openForUse } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { requiredData } from './required-field.ts';

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
    const message = signedMessage(request);
    const bytes = ('data' in message ? message.data : message.digestedData).length;
    const purpose = { use: 'protect', mask: CryptographicUsageMask.Sign, bytes } as const;
    const { key, parameters } = await openForUse(context, object, request, purpose);
    const signatureData = await signData(key, { parameters, ...message });
    return { payload: { uniqueIdentifier: object.id, signatureData } };
  },
});

/** What is signed: the message, or its digest. */
type SignedMessage = { readonly data: Buffer } | { readonly digestedData: Buffer };

/** The message, or its digest: one of them (KMIP 1.4, 4.31). Throws `missing-data`, `invalid-field`. */
export function signedMessage({ data, digestedData }: Pick<SignRequest, 'data' | 'digestedData'>): SignedMessage {
  if (digestedData === undefined) return { data: requiredData(data) };
  if (data === undefined) return { digestedData };
  throw new KmipError('invalid-field', 'Data and Digested Data exclude each other');
}
