import { KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';

/** Throws `duplicate-name` where one object would have the same Name twice (compared as it is, byte for byte). */
export function refuseDuplicateNames(attributes: AttributeSet): void {
  const names = attributes.all('Name').map(({ value }) => `${value.nameType}:${value.nameValue}`);
  if (new Set(names).size < names.length) {
    throw new KmipError('duplicate-name', 'the object has this Name already');
  }
}
