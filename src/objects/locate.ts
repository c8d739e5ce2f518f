import { StorageStatusMask } from '../../ttlv/tables/masks.ts';
import type { AttributeKey, AttributeSet, Instance } from '../kmip/attribute-set.ts';
import { isIndexed, valueDigest } from './index-entries.ts';
import { effectiveState, isDestroyed, livingStates } from './lifecycle.ts';
import type { ManagedObject } from './object.ts';
import { type Condition, type DateAttribute, dateAttributes } from './query.ts';

/** What Locate asks for (KMIP 2.1, 6.1.28). */
export interface Filter {
  readonly attributes: AttributeSet;
  /** Bits of Storage Status Mask; absent: on-line objects only. */
  readonly storageStatusMask: number | undefined;
}

/** How one attribute of a filter is looked up, and compared with what an object has. */
interface Rule {
  conditions(wanted: readonly Instance<unknown>[], now: number): readonly Condition[];
  matches(
    object: ManagedObject,
    wanted: readonly Instance<unknown>[],
    has: readonly Instance<unknown>[],
    now: number,
  ): boolean;
}

const fieldRule = (
  condition: (value: never, now: number) => Condition | undefined,
  field: (object: ManagedObject, now: number) => unknown,
): Rule => ({
  conditions: (wanted, now) => wanted.flatMap(({ value }) => condition(value as never, now) ?? []),
  matches: (object, wanted, _has, now) => wanted.every(({ value }) => value === field(object, now)),
});

/** Equality of values; of structures, in the fields that are given. */
const valueRule = (key: AttributeKey): Rule => ({
  conditions: (wanted) =>
    wanted
      .filter(({ value }) => isIndexed(key, value))
      .map(({ value }) => ({ kind: 'value', digest: valueDigest(key, value) })),
  matches: (_object, wanted, has) => wanted.every((want) => has.some(({ value }) => includes(value, want.value))),
});

const dateRule = (attribute: DateAttribute): Rule => ({
  conditions: (wanted) => [{ kind: 'date', attribute, ...rangeOf(wanted) }],
  matches: (_object, wanted, has) => {
    const { from, to } = rangeOf(wanted);
    return has.some(({ value }) => (value as number) >= from && (value as number) <= to);
  },
});

const rules: Partial<Record<AttributeKey, Rule>> = {
  UniqueIdentifier: fieldRule(
    () => undefined,
    (object) => object.id,
  ),
  ObjectType: fieldRule(
    (type) => ({ kind: 'type', type }),
    (object) => object.type,
  ),
  State: fieldRule((state, now) => ({ kind: 'state', states: [state], now }), effectiveState),
  CryptographicAlgorithm: {
    ...valueRule('CryptographicAlgorithm'),
    conditions: (wanted) => wanted.map(({ value }) => ({ kind: 'algorithm', algorithm: value as never })),
  },
  CryptographicLength: {
    ...valueRule('CryptographicLength'),
    conditions: (wanted) => wanted.map(({ value }) => ({ kind: 'length', length: value as number })),
  },
  CryptographicUsageMask: {
    conditions: () => [],
    matches: (_object, wanted, has) => {
      const mask = (has[0]?.value ?? 0) as number;
      return wanted.every(({ value }) => (mask & (value as number)) === value);
    },
  },
  UsageLimits: {
    conditions: () => [],
    matches: (object, wanted) => wanted.every(({ value }) => coversLimits(object, value as LimitsWanted)),
  },
  ...Object.fromEntries(dateAttributes.map((name) => [name, dateRule(name)])),
};

interface LimitsWanted {
  readonly usageLimitsTotal?: bigint;
  readonly usageLimitsCount?: bigint;
  readonly usageLimitsUnit?: number;
}

/** Count and Total equal to, or larger than, what is asked for. */
function coversLimits(object: ManagedObject, wanted: LimitsWanted): boolean {
  const limits = object.attributes.get('UsageLimits');
  if (limits === undefined || object.usageLeft === undefined) return false;
  return (
    (wanted.usageLimitsTotal ?? 0n) <= limits.usageLimitsTotal &&
    (wanted.usageLimitsCount ?? 0n) <= object.usageLeft &&
    (wanted.usageLimitsUnit ?? limits.usageLimitsUnit) === limits.usageLimitsUnit
  );
}

/** One date is that date; two are a range, ends included, in whichever order they are given. */
function rangeOf(wanted: readonly Instance<unknown>[]): { from: number; to: number } {
  const dates = wanted.map(({ value }) => value as number);
  return { from: Math.min(...dates), to: Math.max(...dates) };
}

const ruleOf = (key: AttributeKey): Rule => rules[key] ?? valueRule(key);

/** An index is asked for so many: more find no fewer candidates, and each is a look-up for every one of them. */
const MOST_CONDITIONS = 16;

/** The conditions of a filter that an index answers; `matches` decides about each candidate. */
export function conditionsOf(filter: Filter, now: number): readonly Condition[] {
  const { attributes } = filter;
  const conditions = [...attributes.keys()]
    .flatMap((key) => ruleOf(key).conditions(attributes.instances(key), now))
    .slice(0, MOST_CONDITIONS);
  if (!attributes.has('State') && !wants(filter, StorageStatusMask.DestroyedStorage)) {
    conditions.push({ kind: 'state', states: livingStates, now });
  }
  return conditions;
}

/** The value of each attribute that lies in the ciphertext; asked for only where a filter names one. */
export type SecretAttributes = () => Promise<AttributeSet>;

/** Whether an object is what a filter asks for, at `now` (seconds). All of the filter's attributes must match. */
export async function matches(
  object: ManagedObject,
  filter: Filter,
  now: number,
  secret: { keys: ReadonlySet<AttributeKey>; of: SecretAttributes },
): Promise<boolean> {
  if (!inStorage(object, filter, now)) return false;
  for (const key of filter.attributes.keys()) {
    const set = secret.keys.has(key) ? await secret.of() : object.attributes;
    if (!ruleOf(key).matches(object, filter.attributes.instances(key), set.instances(key), now)) return false;
  }
  return true;
}

function inStorage(object: ManagedObject, filter: Filter, now: number): boolean {
  const kind = isDestroyed(effectiveState(object, now))
    ? StorageStatusMask.DestroyedStorage
    : StorageStatusMask.OnLineStorage;
  return wants(filter, kind);
}

function wants({ storageStatusMask }: Filter, kind: number): boolean {
  return ((storageStatusMask ?? StorageStatusMask.OnLineStorage) & kind) !== 0;
}

/** Whether a value equals what is wanted, in the fields that are given. */
function includes(value: unknown, wanted: unknown): boolean {
  if (Buffer.isBuffer(wanted)) return Buffer.isBuffer(value) && wanted.equals(value);
  if (Array.isArray(wanted)) {
    return Array.isArray(value) && wanted.length <= value.length && wanted.every((one, i) => includes(value[i], one));
  }
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([name, one]) => includes((value as Record<string, unknown>)[name], one));
}
