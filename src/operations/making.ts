import { KeyFormatType, ObjectType, State } from '../../ttlv/tables/enums.ts';
import { ProtectionStorageMask } from '../../ttlv/tables/masks.ts';
import { digestOf } from '../crypto/digest.ts';
import { publicRandom } from '../crypto/random.ts';
import { type AttributeKey, AttributeSet, type GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeName, AttributeValue } from '../kmip/attributes.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import { rulesOf } from '../objects/attributes.ts';
import type { Put } from '../objects/changes.ts';
import { effectiveState } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';
import { generator } from './query.ts';
import { secretKeys } from './shown-attributes.ts';

/** An object to be made. */
export interface Making {
  readonly id: string;
  readonly value: ManagedObjectValue;
  /** What the client gave, checked already. */
  readonly given: AttributeSet;
  /** What the operation adds by itself, in the place of what the client gave: algorithm, length, links. */
  readonly facts?: readonly GivenAttribute[];
  /** The key was generated here, and did not come from outside. */
  readonly generated: boolean;
  /** An imported object keeps every attribute as it is given, and the state that it came with. */
  readonly imported?: State;
  /** A replacement belongs to whom the replaced object belongs, with the same grants; else: the principal, none. */
  readonly owner?: Pick<ManagedObject, 'owner' | 'grants'>;
}

/** As good as unique on one server (KMIP 2.1, 4.56). */
const SHORT_IDENTIFIER_BYTES = 8;

/** How long a client may use an object before it asks again, in seconds (Lease Time; the published cases show 3600). */
const LEASE_SECONDS = 3600;

type Default<N extends AttributeName = AttributeName> = {
  readonly [K in N]: {
    readonly name: K;
    readonly value: (making: Making, now: number) => AttributeValue<K> | undefined;
    /** The server's word counts, whatever the client gave. */
    readonly fixed?: true;
  };
}[N];

/** The attributes that the server sets on a new object (KMIP 2.1, chapter 4, "When implicitly set"). */
const defaults: readonly Default[] = [
  { name: 'InitialDate', value: (_, now) => now, fixed: true },
  { name: 'LastChangeDate', value: (_, now) => now, fixed: true },
  { name: 'OriginalCreationDate', value: ({ generated }, now) => (generated ? now : undefined) },
  { name: 'RandomNumberGenerator', value: ({ generated }) => (generated ? generator : undefined) },
  { name: 'LeaseTime', value: () => LEASE_SECONDS },
  { name: 'Fresh', value: () => true },
  // PyKMIP's users look for it in 1.x; no other policy exists here, and no access depends on it.
  { name: 'OperationPolicyName', value: () => 'default' },
  { name: 'Sensitive', value: () => false },
  { name: 'Extractable', value: () => true },
  { name: 'AlwaysSensitive', value: ({ given }) => given.get('Sensitive') === true },
  { name: 'NeverExtractable', value: ({ given }) => given.get('Extractable') === false },
  { name: 'KeyFormatType', value: ({ value }) => formatOf(value) },
  { name: 'KeyValuePresent', value: ({ value }) => (hasValue(value) ? undefined : false) },
  { name: 'OpaqueDataType', value: ({ value }) => opaqueDataTypeOf(value) },
  { name: 'CertificateType', value: ({ value }) => certificateTypeOf(value) },
  { name: 'ProtectionStorageMask', value: () => ProtectionStorageMask.Software },
  { name: 'ShortUniqueIdentifier', value: () => publicRandom(SHORT_IDENTIFIER_BYTES) },
];

/** The write of a new object with all its attributes, at `now`. */
export function newObject(context: Context, making: Making): Put {
  const [attributes, secret] = partedAttributes(completed(making, context.now));
  const object: ManagedObject = {
    id: making.id,
    sequence: 0,
    type: making.value.type,
    state: making.imported ?? State.PreActive,
    owner: making.owner?.owner ?? context.principal.name,
    revision: 0,
    attributes: withoutCount(attributes),
    grants: making.owner?.grants ?? [],
    usageLeft: usageLeft(making),
  };
  return {
    after: { ...object, state: effectiveState(object, context.now) },
    material: { value: making.value, secret },
  };
}

type Values = Map<AttributeKey, unknown[]>;

/** What lies open in the row, and what tells of the material. */
function partedAttributes(values: Values): [AttributeSet, AttributeSet] {
  const secret: Values = new Map();
  for (const key of secretKeys) {
    const all = values.get(key);
    if (all === undefined) continue;
    secret.set(key, all);
    values.delete(key);
  }
  return [AttributeSet.ofValues(values), AttributeSet.ofValues(secret)];
}

function completed(making: Making, now: number): Values {
  const values = valuesOf(making.given);
  addFacts(values, factsOf(making.value));
  addFacts(values, making.facts ?? []);
  for (const { name, value, fixed } of defaults) {
    if (values.has(name) && !(fixed && making.imported === undefined)) continue;
    const found = value(making, now);
    if (found !== undefined) values.set(name, [found]);
  }
  return values;
}

function valuesOf(given: AttributeSet): Values {
  const values: Values = new Map();
  for (const [key, { instances }] of given.entries()) {
    const all = instances.map(({ value }) => value);
    if (all.length > 0) values.set(key, all);
  }
  return values;
}

function addFacts(values: Values, facts: readonly GivenAttribute[]): void {
  for (const { key, value } of facts) {
    const earlier = rulesOf(key).multiple === true ? values.get(key) : undefined;
    if (earlier === undefined) values.set(key, [value]);
    else earlier.push(value);
  }
}

/** What the material itself tells. */
function factsOf(value: ManagedObjectValue): readonly GivenAttribute[] {
  const digest = digestOf(value);
  const inBlock = 'keyBlock' in value ? value.keyBlock : undefined;
  return [
    ...present('CryptographicAlgorithm', inBlock?.cryptographicAlgorithm),
    ...present('CryptographicLength', inBlock?.cryptographicLength),
    ...present('Digest', digest),
  ];
}

function present<N extends AttributeName>(key: N, value: AttributeValue<N> | undefined): readonly GivenAttribute[] {
  return value === undefined ? [] : [{ key, value }];
}

/** An imported object has used up what its Count says. */
function usageLeft({ given, imported }: Making): bigint | undefined {
  const limits = given.get('UsageLimits');
  return (imported === undefined ? undefined : limits?.usageLimitsCount) ?? limits?.usageLimitsTotal;
}

/** A Usage Limits Count is ignored when an object is made (KMIP 2.1, 4.59): the count lies in the row. */
function withoutCount(attributes: AttributeSet): AttributeSet {
  const limits = attributes.get('UsageLimits');
  if (limits === undefined) return attributes;
  const { usageLimitsTotal, usageLimitsUnit } = limits;
  return attributes.with('UsageLimits', { usageLimitsTotal, usageLimitsUnit });
}

/** Published cases name Raw for certificates; the request of one has the default of its type (KMIP 2.1, 4.26). */
function formatOf(value: ManagedObjectValue) {
  if (value.type === ObjectType.Certificate) return KeyFormatType.Raw;
  if (value.type === ObjectType.CertificateRequest) return KeyFormatType.PKCS_10;
  return 'keyBlock' in value ? value.keyBlock.keyFormatType : undefined;
}

function hasValue(value: ManagedObjectValue): boolean {
  return !('keyBlock' in value) || value.keyBlock.keyValue !== undefined;
}

function opaqueDataTypeOf(value: ManagedObjectValue) {
  return value.type === ObjectType.OpaqueObject ? value.opaqueDataType : undefined;
}

function certificateTypeOf(value: ManagedObjectValue) {
  return value.type === ObjectType.Certificate ? value.certificateType : undefined;
}
