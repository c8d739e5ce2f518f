import { Buffer } from 'node:buffer';
import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { mac, sameMac, startMac } from '../crypto/mac.ts';
import { macVerifyRequest, macVerifyResponse } from '../kmip/payloads/mac-verify.ts';
import { type UsableKey, usableKey } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { isPart, runPart } from './parts.ts';
import { requiredData, requiredField } from './required-field.ts';
import { indicatorOf } from './signature-verify.ts';
import type { Stream } from './streams.ts';

const purpose = { use: 'process', mask: CryptographicUsageMask.MACVerify } as const;

/** MAC Verify (KMIP 2.1, 6.1.33): a wrong MAC is no error but `Invalid`. */
export const macVerify = targeted({
  name: 'MACVerify',
  code: Operation.MACVerify,
  since: 12,
  request: macVerifyRequest,
  response: macVerifyResponse,
  permission: 'MACVerify',
  target: 'one',
  async run(context, request, object) {
    if (isPart(request)) {
      const parts = { name: 'MACVerify', purpose, proof: request.macData, begin: verificationStream };
      return { payload: await runPart(context, object, request, parts) };
    }
    const { key, parameters } = await usableKey(context, object, request, purpose);
    const made = mac(key, parameters, requiredData(request.data));
    const valid = sameMac(made, requiredField(request.macData, 'MAC Data'));
    return { payload: { uniqueIdentifier: object.id, validityIndicator: indicatorOf(valid) } };
  },
});

function verificationStream({ key, parameters }: UsableKey): Stream {
  const hmac = startMac(key, parameters);
  let macData: Buffer | undefined;
  return {
    next({ data, isLast, proof }) {
      hmac.update(data);
      if (proof !== undefined) macData = Buffer.from(proof);
      if (!isLast) return {};
      const valid = sameMac(hmac.digest(), requiredField(macData, 'MAC Data'));
      return { validityIndicator: indicatorOf(valid) };
    },
  };
}
