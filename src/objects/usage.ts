import { State } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { KmipError } from '../errors.ts';
import { effectiveState, wrongState } from './lifecycle.ts';
import type { ManagedObject } from './object.ts';

/** What a cryptographic operation does with a key (KMIP 2.1, 4.57): applies protection, or processes what is protected. */
export type Use = 'protect' | 'process';

const statesFor = {
  protect: [State.Active],
  process: [State.Active, State.Deactivated, State.Compromised],
} as const satisfies Record<Use, readonly State[]>;

/**
 * Checks that a key may be used: its state, its Cryptographic Usage Mask, Process Start Date (for processing) and Protect
 * Stop Date (for applying protection) at `now`, in seconds since the epoch.
 * Throws `wrong-state`, `destroyed`, `wrong-usage`.
 */
export function requireUse(object: ManagedObject, use: Use, mask: number, now: number): void {
  const state = effectiveState(object, now);
  if (!(statesFor[use] as readonly State[]).includes(state)) throw wrongState(state);
  requireMask(object, mask);
  if (use === 'process') requireStarted(object, now);
  else requireNotStopped(object, now);
}

/** Whether the Cryptographic Usage Mask has all bits of `mask`; Unrestricted (2.x) stands for all. */
export function allowsMask(object: ManagedObject, mask: number): boolean {
  const allowed = object.attributes.get('CryptographicUsageMask') ?? 0;
  return (allowed & CryptographicUsageMask.Unrestricted) !== 0 || (allowed & mask) === mask;
}

function requireMask(object: ManagedObject, mask: number): void {
  if (allowsMask(object, mask)) return;
  throw new KmipError('wrong-usage', 'the Cryptographic Usage Mask of the object does not allow this use');
}

function requireStarted(object: ManagedObject, now: number): void {
  const start = object.attributes.get('ProcessStartDate');
  if (start !== undefined && now < start) {
    throw new KmipError('wrong-state', 'the Process Start Date of the object has not been reached');
  }
}

function requireNotStopped(object: ManagedObject, now: number): void {
  const stop = object.attributes.get('ProtectStopDate');
  if (stop !== undefined && now >= stop) {
    throw new KmipError('wrong-state', 'the Protect Stop Date of the object has passed');
  }
}
