import type { Codec, TypeOf } from './codec.ts';
import { type Version, versions } from './tables/versions.ts';

/** The versions that define a field. */
export interface VersionRange {
  readonly since?: Version;
  /** The last version that has the field. */
  readonly until?: Version;
  /** Read the field outside the range too, where a client is known to send it; it is never written there. */
  readonly acceptAlways?: true;
}

/** How a field appears in the type of its structure: `a: T`, `a?: T`, `a: readonly T[]`. */
export type Presence = 'always' | 'sometimes' | 'list';

/**
 * Chooses a codec by the fields before it. The parameter is `never` because each declaration names the fields that it
 * looks at, and only the structure that calls it knows that they fit.
 */
type Chooser<T> = (sofar: never, version: Version) => Codec<T>;

/** The declaration of a field, made by `required`, `optional`, `repeated` or `dependent`. */
export interface Field<T, P extends Presence> {
  readonly presence: P;
  readonly tag: number;
  readonly codec: Codec<T> | undefined;
  /** How the codec is found if there is none above. */
  readonly choose: Chooser<T> | undefined;
  /** The least number of items, in the versions that define the field. */
  readonly min: 0 | 1;
  readonly range: VersionRange;
  /** The declarations that take turns from version to version, where it was made by `changing`. */
  readonly forms?: readonly Field<unknown, Presence>[];
}

/** A field of every message of the versions that define it; given a range, it is optional in the type. */
export function required<T>(tag: number, codec: Codec<T>): Field<T, 'always'>;
export function required<T>(tag: number, codec: Codec<T>, range: VersionRange): Field<T, 'sometimes'>;
export function required<T>(tag: number, codec: Codec<T>, range?: VersionRange): Field<T, Presence> {
  const presence = range === undefined ? 'always' : 'sometimes';
  return { presence, tag, codec, choose: undefined, min: 1, range: range ?? {} };
}

/** A field that may be left out. */
export function optional<T>(tag: number, codec: Codec<T>, range: VersionRange = {}): Field<T, 'sometimes'> {
  return { presence: 'sometimes', tag, codec, choose: undefined, min: 0, range };
}

/** A field that is given any number of times, one item right after the other; `min: 1` asks for at least one. */
export function repeated<T>(
  tag: number,
  codec: Codec<T>,
  options: VersionRange & { readonly min?: 0 | 1 } = {},
): Field<T, 'list'> {
  return { presence: 'list', tag, codec, choose: undefined, min: options.min ?? 0, range: options };
}

/**
 * A field whose codec depends on fields before it, such as Key Material on Key Format Type. `choose` is given those that
 * were read, or the whole value that is being written; for a case that it does not know, `anyItem` keeps what came.
 */
export function dependent<Sofar extends object, C extends Codec<unknown>>(
  tag: number,
  choose: (sofar: Sofar, version: Version) => C,
): Field<TypeOf<C>, 'always'>;
export function dependent<Sofar extends object, C extends Codec<unknown>>(
  tag: number,
  choose: (sofar: Sofar, version: Version) => C,
  options: VersionRange & { readonly optional?: true },
): Field<TypeOf<C>, 'sometimes'>;
export function dependent(
  tag: number,
  choose: Chooser<unknown>,
  options?: VersionRange & { readonly optional?: true },
): Field<unknown, Presence> {
  const presence = options === undefined ? 'always' : 'sometimes';
  return { presence, tag, codec: undefined, choose, min: options?.optional ? 0 : 1, range: options ?? {} };
}

/** The value of one form of a field. */
type FormValue<F> = F extends Field<infer T, infer P> ? (P extends 'list' ? readonly T[] : T) : never;

type FormPresence<P> = 'sometimes' extends P ? 'sometimes' : 'always';

/**
 * A field that a version replaced by another one of the same meaning: `before` in older versions, `after` in version
 * `at` and newer ones. It has one name in the value of the structure, so that only the declaration knows of the change.
 */
export function changing<A extends Field<unknown, Presence>, B extends Field<unknown, Presence>>(
  at: Version,
  before: A,
  after: B,
): Field<FormValue<A> | FormValue<B>, FormPresence<A['presence'] | B['presence']>>;
export function changing(
  at: Version,
  before: Field<unknown, Presence>,
  after: Field<unknown, Presence>,
): Field<unknown, Presence> {
  const until = versions.findLast((version) => version < at) ?? at;
  const forms = [
    { ...before, range: { until, ...before.range } },
    { ...after, range: { since: at, ...after.range } },
  ];
  return { ...after, forms };
}
