import { ObjectType } from '../../ttlv/tables/enums.ts';
import { checkKey, completeKey } from '../crypto/keys.ts';
import { KmipError } from '../errors.ts';
import type { AttributeSet, GivenAttribute } from '../kmip/attribute-set.ts';
import type { ManagedObjectOf, ManagedObjectValue } from '../kmip/objects.ts';
import { certificateAttributes } from './certificate-attributes.ts';

/**
 * Checks an object that a client brings and tells what its material says of it: algorithm, length, and what is in a
 * certificate. Throws `missing-data`, `invalid-field`, and what `checkKey` throws.
 */
export function registrationFacts(
  type: ObjectType,
  value: ManagedObjectValue | undefined,
  given: AttributeSet,
): { readonly value: ManagedObjectValue; readonly facts: readonly GivenAttribute[] } {
  if (value === undefined) throw new KmipError('missing-data', 'the object is missing');
  if (value.type !== type) throw new KmipError('invalid-field', 'the object is not of the Object Type');
  if (value.type === ObjectType.SplitKey) checkPart(value);
  const algorithm = given.get('CryptographicAlgorithm');
  const length = given.get('CryptographicLength');
  const found = checkKey(value, { ...(algorithm && { algorithm }), ...(length && { length }) });
  const facts: GivenAttribute[] = [];
  if (found.algorithm !== undefined) facts.push({ key: 'CryptographicAlgorithm', value: found.algorithm });
  if (found.length !== undefined) facts.push({ key: 'CryptographicLength', value: found.length });
  if (value.type === ObjectType.Certificate) facts.push(...certificateAttributes(value.certificateValue));
  return { value: completeKey(value, found), facts };
}

/** Throws `invalid-field` for a part of a key that cannot be one of its parts (KMIP 2.1, 2.8). */
function checkPart(part: ManagedObjectOf<typeof ObjectType.SplitKey>): void {
  const { splitKeyParts: parts, keyPartIdentifier: identifier, splitKeyThreshold: threshold } = part;
  if (identifier < 1 || identifier > parts || threshold < 1 || threshold > parts) {
    throw new KmipError('invalid-field', 'Key Part Identifier and Split Key Threshold go from 1 to Split Key Parts');
  }
}
