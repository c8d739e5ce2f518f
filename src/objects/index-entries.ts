import type { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { AttributeKey, AttributeSet } from '../kmip/attribute-set.ts';
import { encodeValue } from './canonical.ts';
import type { ManagedObject } from './object.ts';
import { type DateAttribute, dateAttributes } from './query.ts';

/** What Locate looks up: see IndexEntries of the store. */
interface Entries {
  readonly algorithm: number | null;
  readonly length: number | null;
  readonly dates: Partial<Readonly<Record<DateAttribute, number>>>;
  readonly values: readonly Buffer[];
}

const DIGEST_BYTES = 16;

/** The standard attributes that are found by value, and the fields without which a structure is not. */
const byValue: ReadonlyMap<AttributeKey, readonly string[]> = new Map<AttributeKey, readonly string[]>([
  ['Name', ['nameValue', 'nameType']],
  ['ObjectGroup', []],
  ['ApplicationSpecificInformation', ['applicationNamespace']],
  ['Link', ['linkType', 'linkedObjectIdentifier']],
]);

/** Whether objects with a value of the attribute are found by its digest: all vendor attributes, and some others. */
export function isIndexed(key: AttributeKey, value: unknown): boolean {
  const needed = byValue.get(key);
  if (needed === undefined) return key.includes(':');
  return needed.every((name) => (value as Record<string, unknown>)[name] !== undefined);
}

/** The index form of a value: SHA-256 of key and value, the first 16 bytes. Equal values of any client have equal ones. */
export function valueDigest(key: AttributeKey, value: unknown): Buffer {
  return hash('sha256', encodeValue([key, value]), 'buffer').subarray(0, DIGEST_BYTES);
}

/** The index entries of an object; they follow from its attributes. */
export function indexEntries({ attributes }: ManagedObject): Entries {
  const dates: Partial<Record<DateAttribute, number>> = {};
  for (const name of dateAttributes) {
    const date = attributes.get(name);
    if (date !== undefined) dates[name] = date;
  }
  return {
    algorithm: attributes.get('CryptographicAlgorithm') ?? null,
    length: attributes.get('CryptographicLength') ?? null,
    dates,
    values: valuesOf(attributes),
  };
}

function valuesOf(attributes: AttributeSet): readonly Buffer[] {
  const found: Buffer[] = [];
  for (const [key, { instances }] of attributes.entries()) {
    for (const { value } of instances) if (isIndexed(key, value)) found.push(...digests(key, value));
  }
  return found;
}

/** A client may look for a structure without one of its optional fields: those are found by what is left. */
function digests(key: AttributeKey, value: unknown): readonly Buffer[] {
  const whole = valueDigest(key, value);
  if (key !== 'ApplicationSpecificInformation') return [whole];
  const { applicationNamespace } = value as { applicationNamespace: string };
  return [whole, valueDigest(key, { applicationNamespace })];
}
