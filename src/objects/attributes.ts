import { type ObjectType, State } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import { appliesTo, attributeOf } from '../kmip/attribute-lookup.ts';
import { type AttributeRules, allObjects, type When } from '../kmip/attribute-rules.ts';
import type { AttributeKey, AttributeSet, Instance } from '../kmip/attribute-set.ts';
import type { AttributeName } from '../kmip/attributes.ts';
import { effectiveState, wrongState } from './lifecycle.ts';
import { refuseDuplicateNames } from './names.ts';
import type { ManagedObject } from './object.ts';

/** How many instances of one attribute an object may have. */
const MOST_INSTANCES = 1000;
/** How many different attributes an object may have: all of them are written and indexed anew with every change. */
const MOST_ATTRIBUTES = 1000;

const vendorAttribute: AttributeRules = {
  setBy: 'client',
  multiple: true,
  modifiable: 'always',
  deletable: 'always',
  appliesTo: allObjects,
  implicitlySetBy: [],
};

/** `y-` attributes of 1.x belong to the server (KMIP 1.4, 3.39). */
const serverVendorAttribute: AttributeRules = {
  setBy: 'server',
  multiple: true,
  appliesTo: allObjects,
  implicitlySetBy: [],
};

/** The rules of an attribute, of vendor attributes too. */
export function rulesOf(key: AttributeKey): AttributeRules {
  if (!key.includes(':')) return attributeOf(key as AttributeName);
  return key.startsWith('y:') ? serverVendorAttribute : vendorAttribute;
}

/** Attributes whose value the server states for every object, whoever asks for another one. */
function readOnly(key: AttributeKey): KmipError {
  return new KmipError('read-only-attribute', `clients cannot set or change ${nameOf(key)}`);
}

/** The name for messages; vendor attributes as `x-Name`. */
function nameOf(key: AttributeKey): string {
  return key.includes(':') ? key.replace(':', '-').slice(0, 80) : attributeOf(key as AttributeName).text;
}

/**
 * Checks the attributes that a client gives a new object: that it may set them, that the type has them, how many.
 * Throws `read-only-attribute`, `invalid-attribute`, `attribute-single-valued`, `duplicate-name`, `invalid-field`.
 */
export function checkGiven(given: AttributeSet, type: ObjectType, version: Version): void {
  for (const key of given.keys()) {
    const rules = rulesOf(key);
    if (rules.setBy === 'server' && rules.asked !== true) throw readOnly(key);
    checkInstances(key, given, type, version);
  }
  checkNumber(given);
  refuseDuplicateNames(given);
}

/** The checks that hold for imported attributes too, where who may set what is not asked (KMIP 2.1, 6.1.25). */
export function checkImported(given: AttributeSet, type: ObjectType, version: Version): void {
  for (const key of given.keys()) checkInstances(key, given, type, version);
  checkNumber(given);
  refuseDuplicateNames(given);
}

function checkNumber(attributes: AttributeSet): void {
  let count = 0;
  for (const _ of attributes.keys()) count += 1;
  if (count > MOST_ATTRIBUTES) throw new KmipError('invalid-field', 'the object has too many attributes');
}

function checkInstances(key: AttributeKey, attributes: AttributeSet, type: ObjectType, version: Version): void {
  const rules = rulesOf(key);
  const instances = attributes.instances(key);
  checkApplies(key, rules, type, version);
  if (instances.length > 1 && rules.multiple !== true) throw singleValued(key);
  if (instances.length > MOST_INSTANCES) throw tooMany(key);
  for (const { value } of instances) refuseNul(value);
}

function checkApplies(key: AttributeKey, rules: AttributeRules, type: ObjectType, version: Version): void {
  if (!appliesTo(rules, type, version)) {
    throw new KmipError('invalid-attribute', `an object of this type has no ${nameOf(key)}`);
  }
}

function singleValued(key: AttributeKey): KmipError {
  return new KmipError('attribute-single-valued', `${nameOf(key)} can have one instance only`);
}

function tooMany(key: AttributeKey): KmipError {
  return new KmipError('index-out-of-bounds', `${nameOf(key)} has too many instances`);
}

/** Databases disagree about NUL in texts, so that no text may hold one. */
function refuseNul(value: unknown): void {
  if (typeof value === 'string' && value.includes('\0')) {
    throw new KmipError('invalid-field', 'a Text String holds a NUL character');
  }
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
  for (const part of Object.values(value)) refuseNul(part);
}

/** The object with a further instance of an attribute (Add Attribute). Throws as `checkGiven` and `modified` do. */
export function added(object: ManagedObject, key: AttributeKey, value: unknown, at: Moment): ManagedObject {
  const rules = rulesOf(key);
  if (rules.setBy === 'server') throw readOnly(key);
  checkApplies(key, rules, object.type, at.version);
  if (object.attributes.has(key) && rules.multiple !== true) throw singleValued(key);
  if (rules.modifiable !== undefined) checkWhen(object, key, rules.modifiable, at.now);
  return written(object, withAdded(object.attributes, key, value), key, at.version);
}

/** With a further instance. The only one that an attribute can have gets index 0, also where there was another one before. */
function withAdded(attributes: AttributeSet, key: AttributeKey, value: unknown): AttributeSet {
  const isSingle = rulesOf(key).multiple !== true;
  return isSingle ? attributes.with(key as AttributeName, value as never) : attributes.adding(key, value);
}

/** Which instance a request means: by its index (1.x) or by its value (2.x); neither: the only one. */
export interface Selector {
  readonly index?: number;
  readonly current?: { readonly value: unknown };
}

/**
 * The object with another value for an instance (Modify Attribute), at `now`. Throws `read-only-attribute`, `wrong-state`,
 * `attribute-not-found`, `attribute-instance-not-found`, `attribute-multi-valued`, and as `checkGiven` does.
 */
export function modified(
  object: ManagedObject,
  key: AttributeKey,
  change: { readonly value: unknown; readonly selector: Selector },
  at: Moment,
): ManagedObject {
  checkWhen(object, key, rulesOf(key).modifiable, at.now);
  const { index } = selected(object, key, change.selector);
  return written(object, object.attributes.replacing(key, index, change.value), key, at.version);
}

/** The object without an instance, or without all of them (Delete Attribute). Throws as `modified` does. */
export function deleted(
  object: ManagedObject,
  key: AttributeKey,
  selector: Selector | 'all',
  now: number,
): ManagedObject {
  checkWhen(object, key, rulesOf(key).deletable, now);
  const index = selector === 'all' ? undefined : selected(object, key, selector).index;
  return { ...object, attributes: object.attributes.without(key, index) };
}

/**
 * The object with the one value of an attribute, whether it had one before or none (Set Attribute, KMIP 2.1, 6.1.53).
 * Throws `attribute-multi-valued` where there are several.
 */
export function set(object: ManagedObject, key: AttributeKey, value: unknown, at: Moment): ManagedObject {
  const [first, second] = object.attributes.instances(key);
  if (second !== undefined) {
    throw new KmipError('attribute-multi-valued', `the object has several instances of ${nameOf(key)}`);
  }
  return first === undefined
    ? added(object, key, value, at)
    : modified(object, key, { value, selector: { index: first.index } }, at);
}

/** When, and in which version of the protocol, a change is asked for. */
export interface Moment {
  readonly now: number;
  readonly version: Version;
}

function written(object: ManagedObject, attributes: AttributeSet, key: AttributeKey, version: Version): ManagedObject {
  checkInstances(key, attributes, object.type, version);
  if (!object.attributes.has(key)) checkNumber(attributes);
  if (key === 'Name') refuseDuplicateNames(attributes);
  return { ...object, attributes };
}

/** The instance that a selector means. Throws what `modified` says. */
export function selected(object: ManagedObject, key: AttributeKey, selector: Selector): Instance<unknown> {
  const instances = object.attributes.instances(key);
  if (instances.length === 0) {
    throw new KmipError('attribute-not-found', `the object has no ${nameOf(key)}`);
  }
  const found = pick(instances, selector, key);
  if (found === undefined) {
    throw new KmipError('attribute-instance-not-found', `the object has no such instance of ${nameOf(key)}`);
  }
  return found;
}

function pick(instances: readonly Instance<unknown>[], selector: Selector, key: AttributeKey) {
  if (selector.index !== undefined) return instances.find(({ index }) => index === selector.index);
  if (selector.current !== undefined) {
    const { value } = selector.current;
    return instances.find((one) => sameValue(one.value, value));
  }
  if (instances.length > 1) {
    throw new KmipError('attribute-multi-valued', `the object has several instances of ${nameOf(key)}`);
  }
  return instances[0];
}

/** Whether two attribute values are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b);
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => sameValue((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]))
  );
}

type Check = (object: ManagedObject, key: AttributeKey, now: number) => void;

const inStates =
  (...states: readonly State[]): Check =>
  (object, _key, now) => {
    const state = effectiveState(object, now);
    if (!states.includes(state)) throw wrongState(state);
  };

const whileAlive = inStates(State.PreActive, State.Active);

const checks: Readonly<Record<When, Check>> = {
  always: () => {},
  'pre-active': inStates(State.PreActive),
  'pre-active-or-active': whileAlive,
  'until-reached': (object, key, now) => {
    whileAlive(object, key, now);
    const date = object.attributes.instances(key)[0]?.value;
    if (typeof date === 'number' && date <= now) {
      throw new KmipError('wrong-state', `the ${nameOf(key)} has been reached`);
    }
  },
  'until-allocated': (object) => {
    if (object.usageLeft !== object.attributes.get('UsageLimits')?.usageLimitsTotal) {
      throw new KmipError('wrong-state', 'the Usage Limits of the object are in use');
    }
  },
};

function checkWhen(object: ManagedObject, key: AttributeKey, when: When | undefined, now: number): void {
  if (when === undefined) throw readOnly(key);
  checks[when](object, key, now);
}
