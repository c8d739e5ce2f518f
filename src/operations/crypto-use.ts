import { UsageLimitsUnit } from '../../ttlv/tables/enums.ts';
import { type KeyHandle, openKey } from '../crypto/keys.ts';
import { effectiveParameters } from '../crypto/parameters.ts';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import type { ManagedObject } from '../objects/object.ts';
import { requireUse, type Use } from '../objects/usage.ts';
import type { Context } from './context.ts';

/** The fields that the requests of all cryptographic operations have. */
interface CryptoRequest {
  readonly cryptographicParameters?: CryptographicParameters;
  readonly correlationValue?: Buffer;
  readonly initIndicator?: boolean;
  readonly finalIndicator?: boolean;
}

/** What is to be done with a key: the kind of use, the bit of the usage mask, the bytes that are protected by it. */
export interface Purpose {
  readonly use: Use;
  readonly mask: number;
  readonly bytes?: number;
}

/** A key that may be used, and the effective parameters. */
export interface UsableKey {
  readonly key: KeyHandle;
  readonly parameters: CryptographicParameters;
}

/**
 * Opens a key for a use: state, dates and usage mask are checked, and its Usage Limits lowered where it protects data.
 * Throws what `requireUse`, `openKey` and `spend` throw, and `feature-not-supported` for operations in several parts.
 */
export async function openForUse(
  context: Context,
  object: ManagedObject,
  request: CryptoRequest,
  purpose: Purpose,
): Promise<UsableKey> {
  refuseParts(request);
  requireUse(object, purpose.use, purpose.mask, context.now);
  const { value } = await context.material(object);
  const key = openKey(value);
  if (purpose.use === 'protect' && object.usageLeft !== undefined) {
    await context.spend(object, amountOf(object, purpose.bytes ?? 0));
  }
  return { key, parameters: parametersOf(object, request.cryptographicParameters) };
}

function refuseParts({ correlationValue, initIndicator = false, finalIndicator = initIndicator }: CryptoRequest): void {
  if (correlationValue !== undefined || initIndicator !== finalIndicator) {
    throw new KmipError('feature-not-supported', 'operations in several parts are not supported');
  }
}

function amountOf(object: ManagedObject, bytes: number): bigint {
  const unit = object.attributes.get('UsageLimits')?.usageLimitsUnit;
  return unit === UsageLimitsUnit.Byte ? BigInt(bytes) : 1n;
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
