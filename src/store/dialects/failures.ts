import { KmipError } from '../../errors.ts';
import { ConflictError, StaleGenerationError } from '../store.ts';
import type { Refusal } from './abilities.ts';
import type { Meaning } from './session.ts';

const refusals: Readonly<Record<Refusal, () => Error>> = {
  conflict: () => new ConflictError('the object was changed meanwhile'),
  'stale-generation': () => new StaleGenerationError('the generation is not the primary one'),
  'name-taken': () => new KmipError('duplicate-name', 'another object has this Name'),
};

/** What callers of the store get for a change set that was refused. */
export function refused(refusal: Refusal): Error {
  return refusals[refusal]();
}

/** What callers of the store get while the database cannot be used. */
export function unavailable(cause: unknown): KmipError {
  return new KmipError('store-unavailable', 'the database cannot be used at present', { cause });
}

/** What callers of the store get for an error of a server's driver. */
export function failure(error: unknown, meaning: Meaning): unknown {
  if (meaning === 'conflict' || meaning === 'stale-generation' || meaning === 'name-taken') return refused(meaning);
  return meaning === 'mistake' ? error : unavailable(error);
}
