import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { mac, sameMac } from '../crypto/mac.ts';
import { macVerifyRequest, macVerifyResponse } from '../kmip/payloads/mac-verify.ts';
import { openForUse } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { requiredData, requiredField } from './required-field.ts';
import { indicatorOf } from './signature-verify.ts';

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
    const purpose = { use: 'process', mask: CryptographicUsageMask.MACVerify } as const;
    const { key, parameters } = await openForUse(context, object, request, purpose);
    const made = mac(key, parameters, requiredData(request.data));
    const valid = sameMac(made, requiredField(request.macData, 'MAC Data'));
    return { payload: { uniqueIdentifier: object.id, validityIndicator: indicatorOf(valid) } };
  },
});
