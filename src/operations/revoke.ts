import { ObjectType, Operation, RevocationReasonCode } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { revokeRequest, revokeResponse } from '../kmip/payloads/revoke.ts';
import { changed } from '../objects/changes.ts';
import { after } from '../objects/lifecycle.ts';
import { targeted } from './operation.ts';

const compromises: readonly RevocationReasonCode[] = [
  RevocationReasonCode.KeyCompromise,
  RevocationReasonCode.CACompromise,
];

/**
 * Revoke (KMIP 2.1, 6.1.44): a compromise makes an object Compromised, every other reason Deactivated. Without a date
 * the compromise is taken to have happened at the object's Initial Date.
 */
export const revoke = targeted({
  name: 'Revoke',
  code: Operation.Revoke,
  since: 10,
  request: revokeRequest,
  response: revokeResponse,
  permission: 'Revoke',
  target: 'one',
  async run({ now }, { revocationReason, compromiseOccurrenceDate }, object) {
    if (object.type === ObjectType.Template) throw new KmipError('wrong-type', 'templates are not revoked');
    const isCompromise = compromises.includes(revocationReason.revocationReasonCode);
    if (!isCompromise && compromiseOccurrenceDate !== undefined) {
      throw new KmipError('invalid-field', 'a Compromise Occurrence Date goes with a compromise only');
    }
    const revoked = after(object, isCompromise ? 'compromise' : 'deactivate', now);
    let attributes = revoked.attributes.with('RevocationReason', revocationReason);
    if (isCompromise) {
      const occurred = compromiseOccurrenceDate ?? attributes.get('InitialDate');
      attributes = attributes.with('CompromiseOccurrenceDate', occurred);
    }
    return { payload: { uniqueIdentifier: object.id }, changes: changed(object, { ...revoked, attributes }) };
  },
});
