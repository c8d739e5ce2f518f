import { UsageLimitsUnit } from '../../ttlv/tables/enums.ts';
import { type Awaitable, whenReady } from '../awaitable.ts';
import { type KeyHandle, openKey } from '../crypto/keys.ts';
import { effectiveParameters } from '../crypto/parameters.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import type { ManagedObject } from '../objects/object.ts';
import { requireUse, type Use } from '../objects/usage.ts';
import type { Context } from './context.ts';

/** The field that the requests of all cryptographic operations have. */
export interface CryptoRequest {
  readonly cryptographicParameters?: CryptographicParameters;
}

/** What is to be done with a key: the kind of use, and the bit of the usage mask. */
export interface Purpose {
  readonly use: Use;
  readonly mask: number;
}

/** A key that may be used, and the effective parameters. */
export interface UsableKey {
  readonly key: KeyHandle;
  readonly parameters: CryptographicParameters;
}

/** What counts for Usage Limits: the bytes that are protected, and how often the key is used for that. */
export interface Amount {
  readonly bytes: number;
  readonly uses: number;
}

/**
 * Opens a key for a use: state, dates and usage mask are checked. Where it protects data, `spend` has to come before
 * anything of that is given out. Throws what `requireUse` and `openKey` throw.
 */
export function usableKey(
  context: Context,
  object: ManagedObject,
  { cryptographicParameters }: CryptoRequest,
  { use, mask }: Purpose,
): Awaitable<UsableKey> {
  requireUse(object, use, mask, context.now);
  return whenReady(context.material(object), ({ value }) => ({
    key: openKey(value),
    parameters: parametersOf(object, cryptographicParameters),
  }));
}

/**
 * Lowers the Usage Limits of a key that protects data, in their unit: once the data is protected, so that requests that
 * fail do not count, and before it is given out. Throws `usage-exceeded`.
 */
export function spend(
  context: Context,
  object: ManagedObject,
  { use }: Purpose,
  { bytes, uses }: Amount,
): Awaitable<void> {
  if (use !== 'protect' || object.usageLeft === undefined) return undefined;
  const unit = object.attributes.get('UsageLimits')?.usageLimitsUnit;
  const amount = unit === UsageLimitsUnit.Byte ? bytes : uses;
  return amount > 0 ? context.spend(object, BigInt(amount)) : undefined;
}

/** The effective parameters for a use of a key. */
export function parametersOf(
  object: ManagedObject,
  requested: CryptographicParameters | undefined,
): CryptographicParameters {
  return effectiveParameters(
    requested,
    object.attributes.all('CryptographicParameters').map(({ value }) => value),
  );
}
