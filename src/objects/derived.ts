import type { ManagedObject } from './object.ts';

/**
 * An object whose attributes were changed (it was `before`), with what follows from them:
 * - Always Sensitive and Never Extractable, which end with the first exception (KMIP 2.1, 4.3, 4.33);
 * - `usageLeft`, which begins anew with another Usage Limits Total; the Count of the attribute itself is not kept.
 */
export function withDerived(object: ManagedObject, before: ManagedObject): ManagedObject {
  const { attributes } = object;
  const sensitive = attributes.get('Sensitive') === true;
  const extractable = attributes.get('Extractable') !== false;
  const held = before.attributes;
  return {
    ...object,
    usageLeft: usageLeft(object, before),
    attributes: attributes
      .with('AlwaysSensitive', sensitive && held.get('AlwaysSensitive') === true)
      .with('NeverExtractable', !extractable && held.get('NeverExtractable') === true),
  };
}

function usageLeft(object: ManagedObject, before: ManagedObject): bigint | undefined {
  const total = object.attributes.get('UsageLimits')?.usageLimitsTotal;
  return total === before.attributes.get('UsageLimits')?.usageLimitsTotal ? object.usageLeft : total;
}
