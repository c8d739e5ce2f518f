import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { mac as macOf, startMac } from '../crypto/mac.ts';
import { macRequest, macResponse } from '../kmip/payloads/mac.ts';
import { spend, type UsableKey, usableKey } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { isPart, runPart } from './parts.ts';
import { requiredData } from './required-field.ts';
import type { Stream } from './streams.ts';

const purpose = { use: 'protect', mask: CryptographicUsageMask.MACGenerate } as const;

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
    if (isPart(request)) {
      return { payload: await runPart(context, object, request, { name: 'MAC', purpose, begin: macStream }) };
    }
    const data = requiredData(request.data);
    const { key, parameters } = await usableKey(context, object, request, purpose);
    const macData = macOf(key, parameters, data);
    await spend(context, object, purpose, { bytes: data.length, uses: 1 });
    return { payload: { uniqueIdentifier: object.id, macData } };
  },
});

function macStream({ key, parameters }: UsableKey): Stream {
  const hmac = startMac(key, parameters);
  return {
    next({ data, isLast }) {
      hmac.update(data);
      return isLast ? { macData: hmac.digest() } : {};
    },
  };
}
