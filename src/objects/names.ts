import { KmipError } from '../errors.ts';
import type { AttributeSet } from '../kmip/attribute-set.ts';
import type { Put } from './changes.ts';
import { valueDigest } from './index-entries.ts';
import { isDestroyed } from './lifecycle.ts';

/** Throws `duplicate-name` where one object would have the same Name twice (compared as it is, byte for byte). */
export function refuseDuplicateNames(attributes: AttributeSet): void {
  const names = attributes.all('Name').map(({ value }) => `${value.nameType}:${value.nameValue}`);
  if (new Set(names).size < names.length) {
    throw new KmipError('duplicate-name', 'the object has this Name already');
  }
}

/** A Name that a change set gives to an object: see the store. */
interface Claim {
  readonly id: string;
  readonly owner: string;
  readonly digest: Buffer;
}

/**
 * The Names that a change set gives to objects which did not have them, or had another owner. Throws `duplicate-name` where
 * two of its objects would have one.
 */
export function newNames(puts: readonly Put[]): readonly Claim[] {
  const claims = puts.flatMap(newNamesOf);
  const names = claims.map(({ owner, digest }) => `${digest.toString('hex')} ${owner}`);
  if (new Set(names).size < names.length) throw new KmipError('duplicate-name', 'two objects would have this Name');
  return claims;
}

function newNamesOf({ before, after }: Put): readonly Claim[] {
  const { id, owner, state } = after;
  if (isDestroyed(state)) return [];
  const known = before?.owner === owner ? digestsOf(before.attributes) : [];
  return digestsOf(after.attributes)
    .filter((digest) => !known.some((one) => one.equals(digest)))
    .map((digest) => ({ id, owner, digest }));
}

function digestsOf(attributes: AttributeSet): readonly Buffer[] {
  return attributes.all('Name').map(({ value }) => valueDigest('Name', value));
}
