import { ObjectType } from '../../ttlv/tables/enums.ts';
import { checkKey, completeKey } from '../crypto/keys.ts';
import { KmipError } from '../errors.ts';
import type { AttributeSet, GivenAttribute } from '../kmip/attribute-set.ts';
import { type ManagedObjectValue, objects } from '../kmip/objects.ts';
import { certificateAttributes } from './certificate-attributes.ts';

/** The types that cannot be registered here, and why. */
const refused: Partial<Readonly<Record<ObjectType, string>>> = {
  [ObjectType.SplitKey]: 'split keys are not supported',
  [ObjectType.PGPKey]: 'PGP keys are not supported',
  [ObjectType.CertificateRequest]: 'certificate requests are not supported',
};

/** The object types that clients can bring. */
export const registrable: readonly ObjectType[] = Object.keys(objects)
  .map((type) => Number(type) as ObjectType)
  .filter((type) => refused[type] === undefined);

/**
 * Checks an object that a client brings and tells what its material says of it: algorithm, length, and what is in a
 * certificate. Throws `wrong-type`, `missing-data`, and what `checkKey` throws.
 */
export function registrationFacts(
  type: ObjectType,
  value: ManagedObjectValue | undefined,
  given: AttributeSet,
): { readonly value: ManagedObjectValue; readonly facts: readonly GivenAttribute[] } {
  const reason = refused[type];
  if (reason !== undefined) throw new KmipError('wrong-type', reason);
  if (value === undefined) throw new KmipError('missing-data', 'the object is missing');
  if (value.type !== type) throw new KmipError('invalid-field', 'the object is not of the Object Type');
  const algorithm = given.get('CryptographicAlgorithm');
  const length = given.get('CryptographicLength');
  const found = checkKey(value, { ...(algorithm && { algorithm }), ...(length && { length }) });
  const facts: GivenAttribute[] = [];
  if (found.algorithm !== undefined) facts.push({ key: 'CryptographicAlgorithm', value: found.algorithm });
  if (found.length !== undefined) facts.push({ key: 'CryptographicLength', value: found.length });
  if (value.type === ObjectType.Certificate) facts.push(...certificateAttributes(value.certificateValue));
  return { value: completeKey(value, found), facts };
}
