import { Operation } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { checkRequest, checkResponse } from '../kmip/payloads/check.ts';
import { livingStates } from '../objects/lifecycle.ts';
import { allowsMask } from '../objects/usage.ts';
import { targeted } from './operation.ts';

/**
 * Check (KMIP 2.1, 6.1.7): whether the object may be used so. Nothing is used, and no lease given. A denial is a
 * failure, as in the published cases, and so cannot name the values that are denied.
 */
export const check = targeted({
  name: 'Check',
  code: Operation.Check,
  since: 10,
  request: checkRequest,
  response: checkResponse,
  permission: 'Check',
  target: 'one',
  states: livingStates,
  emptiesPlaceholder: true,
  async run(_context, { usageLimitsCount, cryptographicUsageMask, leaseTime }, object) {
    if (cryptographicUsageMask !== undefined && !allowsMask(object, cryptographicUsageMask)) {
      throw new KmipError('wrong-usage', 'the Cryptographic Usage Mask of the object does not allow this use');
    }
    if (usageLimitsCount !== undefined && object.usageLeft !== undefined && usageLimitsCount > object.usageLeft) {
      throw new KmipError('usage-exceeded', 'less than this is left of the Usage Limits');
    }
    if (leaseTime !== undefined && leaseTime > (object.attributes.get('LeaseTime') ?? 0)) {
      throw new KmipError('not-permitted', 'leases are not given for so long');
    }
    return { payload: { uniqueIdentifier: object.id } };
  },
});
