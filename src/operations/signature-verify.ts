import { Operation, ValidityIndicator } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { verify } from '../crypto/signature.ts';
import { signatureVerifyRequest, signatureVerifyResponse } from '../kmip/payloads/signature-verify.ts';
import { openForUse } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { requiredField } from './required-field.ts';
import { signedMessage } from './sign.ts';

/** Signature Verify (KMIP 2.1, 6.1.56): a wrong signature is no error but `Invalid`. */
export const signatureVerify = targeted({
  name: 'SignatureVerify',
  code: Operation.SignatureVerify,
  since: 12,
  request: signatureVerifyRequest,
  response: signatureVerifyResponse,
  permission: 'SignatureVerify',
  target: 'one',
  async run(context, request, object) {
    const purpose = { use: 'process', mask: CryptographicUsageMask.Verify } as const;
    const { key, parameters } = await openForUse(context, object, request, purpose);
    const signature = requiredField(request.signatureData, 'Signature Data');
    const valid = await verify(key, { parameters, ...signedMessage(request) }, signature);
    return { payload: { uniqueIdentifier: object.id, validityIndicator: indicatorOf(valid) } };
  },
});

/** Valid or Invalid. */
export function indicatorOf(valid: boolean): ValidityIndicator {
  return valid ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
}
