import { Buffer } from 'node:buffer';
import { Operation, ValidityIndicator } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { messageHash, verify } from '../crypto/signature.ts';
import { signatureVerifyRequest, signatureVerifyResponse } from '../kmip/payloads/signature-verify.ts';
import { type UsableKey, usableKey } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { isPart, runPart } from './parts.ts';
import { requiredField } from './required-field.ts';
import { signedMessage } from './sign.ts';
import type { Stream } from './streams.ts';

const purpose = { use: 'process', mask: CryptographicUsageMask.Verify } as const;

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
    if (isPart(request)) {
      const parts = { name: 'SignatureVerify', purpose, proof: request.signatureData, begin: verificationStream };
      return { payload: await runPart(context, object, request, parts) };
    }
    const { key, parameters } = await usableKey(context, object, request, purpose);
    const signature = requiredField(request.signatureData, 'Signature Data');
    const valid = await verify(key, { parameters, ...signedMessage(request) }, signature);
    return { payload: { uniqueIdentifier: object.id, validityIndicator: indicatorOf(valid) } };
  },
});

function verificationStream({ key, parameters }: UsableKey): Stream {
  const hash = messageHash(key, parameters);
  let signature: Buffer | undefined;
  return {
    async next({ data, isLast, proof }) {
      hash.update(data);
      if (proof !== undefined) signature = Buffer.from(proof);
      if (!isLast) return {};
      const given = requiredField(signature, 'Signature Data');
      const valid = await verify(key, { parameters, digestedData: hash.digest() }, given);
      return { validityIndicator: indicatorOf(valid) };
    },
  };
}

/** Valid or Invalid. */
export function indicatorOf(valid: boolean): ValidityIndicator {
  return valid ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
}
