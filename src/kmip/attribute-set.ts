import type { Item } from '../../ttlv/item.ts';
import type { AttributeName, AttributeValue } from './attributes.ts';

/**
 * Names one attribute of the model: a standard attribute by its registry name (`'ActivationDate'`), or a vendor (1.x:
 * custom) attribute as `vendor:name` (`x-Vendor` of KMIP 1.x is `x:Vendor`). A standard name never holds a colon.
 */
export type AttributeKey = AttributeName | VendorKey;

/** The key of a vendor attribute. */
export type VendorKey = `${string}:${string}`;

/** One instance of an attribute. The index is stored and never reused; KMIP 1.x shows it as Attribute Index. */
export interface Instance<T> {
  readonly index: number;
  readonly value: T;
}

/** An attribute as a request names it: the index only where the client gave one (KMIP 1.x). */
export interface GivenAttribute {
  readonly key: AttributeKey;
  readonly index?: number;
  readonly value: unknown;
}

interface Entry {
  readonly next: number;
  readonly instances: readonly Instance<unknown>[];
}

/**
 * The attributes of one managed object: immutable, every change makes a new set.
 * Values have the type that the attribute table declares; vendor attributes keep their TTLV item.
 */
export class AttributeSet {
  static readonly empty = new AttributeSet(new Map());

  readonly #entries: ReadonlyMap<AttributeKey, Entry>;

  private constructor(entries: ReadonlyMap<AttributeKey, Entry>) {
    this.#entries = entries;
  }

  /** The set of what a request gave; indexes are assigned in order. */
  static of(given: Iterable<GivenAttribute>): AttributeSet {
    const values = new Map<AttributeKey, unknown[]>();
    for (const { key, value } of given) {
      const earlier = values.get(key);
      if (earlier === undefined) values.set(key, [value]);
      else earlier.push(value);
    }
    return AttributeSet.ofValues(values);
  }

  /** The set of these values, one or more for each key; indexes are assigned in order. */
  static ofValues(values: Iterable<readonly [AttributeKey, readonly unknown[]]>): AttributeSet {
    const entries = new Map<AttributeKey, Entry>();
    for (const [key, all] of values) {
      entries.set(key, { next: all.length, instances: all.map((value, index) => ({ index, value })) });
    }
    return new AttributeSet(entries);
  }

  /** The set as stored: `next` is the first index never used for the key. */
  static restore(
    entries: Iterable<[AttributeKey, { next: number; instances: readonly Instance<unknown>[] }]>,
  ): AttributeSet {
    return new AttributeSet(new Map(entries));
  }

  /** What `restore` takes back. Keys come in the order in which they were first set. */
  entries(): Iterable<[AttributeKey, { next: number; instances: readonly Instance<unknown>[] }]> {
    return this.#entries.entries();
  }

  /** The value of an attribute, of its lowest instance where it has several. */
  get<N extends AttributeName>(name: N): AttributeValue<N> | undefined {
    return this.#entries.get(name)?.instances[0]?.value as AttributeValue<N> | undefined;
  }

  all<N extends AttributeName>(name: N): readonly Instance<AttributeValue<N>>[] {
    return (this.#entries.get(name)?.instances ?? []) as readonly Instance<AttributeValue<N>>[];
  }

  /** The instances of a vendor attribute. */
  vendor(key: VendorKey): readonly Instance<Item>[] {
    return (this.#entries.get(key)?.instances ?? []) as readonly Instance<Item>[];
  }

  instances(key: AttributeKey): readonly Instance<unknown>[] {
    return this.#entries.get(key)?.instances ?? [];
  }

  has(key: AttributeKey): boolean {
    return this.instances(key).length > 0;
  }

  /** Keys that have a value. */
  *keys(): Iterable<AttributeKey> {
    for (const [key, entry] of this.#entries) if (entry.instances.length > 0) yield key;
  }

  /** Sets the only value of an attribute, or takes the attribute away when the value is undefined. */
  with<N extends AttributeName>(name: N, value: AttributeValue<N> | undefined): AttributeSet {
    if (value === undefined) return this.without(name);
    return this.#changed(name, { next: Math.max(1, this.#next(name)), instances: [{ index: 0, value }] });
  }

  /** A further instance, with an index that this key never had. */
  adding(key: AttributeKey, value: unknown): AttributeSet {
    const next = this.#next(key);
    return this.#changed(key, { next: next + 1, instances: [...this.instances(key), { index: next, value }] });
  }

  /** Another value for an instance that exists; the index stays. */
  replacing(key: AttributeKey, index: number, value: unknown): AttributeSet {
    const instances = this.instances(key).map((one) => (one.index === index ? { index, value } : one));
    return this.#changed(key, { next: this.#next(key), instances });
  }

  /** Without one instance, or without all when no index is given. */
  without(key: AttributeKey, index?: number): AttributeSet {
    const instances = index === undefined ? [] : this.instances(key).filter((one) => one.index !== index);
    return this.#changed(key, { next: this.#next(key), instances });
  }

  #next(key: AttributeKey): number {
    return this.#entries.get(key)?.next ?? 0;
  }

  #changed(key: AttributeKey, entry: Entry): AttributeSet {
    return new AttributeSet(new Map(this.#entries).set(key, entry));
  }
}
