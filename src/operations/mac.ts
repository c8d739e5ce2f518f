import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { mac as macOf } from '../crypto/mac.ts';
import { macRequest, macResponse } from '../kmip/payloads/mac.ts';
import { openForUse } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { requiredData } from './required-field.ts';

/** MAC (KMIP 2.1, 6.1.32). */
export const mac = targeted({
  name: 'MAC',
  code: Operation.MAC,
  since: 12,
  request: macRequest,
  response: macResponse,
  permission: 'MAC',
  target: 'one',
  async run(context, request, object) {
    const data = requiredData(request.data);
    const purpose = { use: 'protect', mask: CryptographicUsageMask.MACGenerate, bytes: data.length } as const;
    const { key, parameters } = await openForUse(context, object, request, purpose);
    return { payload: { uniqueIdentifier: object.id, macData: macOf(key, parameters, data) } };
  },
});
