import type { Codec } from './codec.ts';
import { tagName } from './errors.ts';
import type { Field, Presence } from './field.ts';
import { ItemType } from './item.ts';
import type { Reader } from './reader.ts';
import { LATEST, type Version, versions } from './tables/versions.ts';
import type { Writer } from './writer.ts';

export * from './codec.ts';
export { changing, dependent, optional, repeated, required } from './field.ts';

/** The fields of a structure by the names that its values have, in the order of the standard. */
type Fields = Readonly<Record<string, Field<unknown, Presence>>>;

type ValueOf<F> = F extends Field<infer T, infer P> ? (P extends 'list' ? readonly T[] : T) : never;

type OptionalKey<F extends Fields> = { [K in keyof F]: F[K]['presence'] extends 'sometimes' ? K : never }[keyof F];

/** The same type as one object type, so that editors show its fields. */
type Flat<T> = T extends infer O ? { [K in keyof O]: O[K] } : never;

/** The value of a structure with the given fields. */
export type StructureOf<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKey<F>>]: ValueOf<F[K]> } & { [K in OptionalKey<F>]?: ValueOf<F[K]> }
>;

/** A field of a structure as documentation and tests see it. */
interface FieldRow {
  readonly name: string;
  readonly tag: number;
  /** All the tags that the field can have, where it is one of several. */
  readonly tags: readonly number[] | undefined;
  readonly since: Version;
  readonly until: Version;
  readonly optional: boolean;
  readonly repeated: boolean;
}

export interface StructureOptions {
  /** Accept the items in any order; they are written in the declared one. */
  readonly anyOrder?: true;
  /** What to do with items that the structure does not declare for the version: the default is to refuse them. */
  readonly unknown?: 'refuse' | 'skip';
}

/** A structure, read and written as it was declared. */
export interface StructureCodec<T> extends Codec<T> {
  readonly fields: readonly FieldRow[];
}

/**
 * Declares a structure once, for both directions:
 *
 *     const nameAttribute = structure({
 *       nameValue: required(Tag.NameValue, textString),
 *       nameType: required(Tag.NameType, enumeration(enumInfo.NameType)),
 *     });
 *     type Name = TypeOf<typeof nameAttribute>; // { nameValue: string; nameType: NameType }
 *
 * A field that the version does not define is neither written nor accepted. What is left out is absent from the value
 * if it is optional, and an empty list if it is repeated.
 */
export function structure<F extends Fields>(fields: F, options: StructureOptions = {}): StructureCodec<StructureOf<F>> {
  return new DeclaredStructure<StructureOf<F>>(Object.entries(fields).flatMap(toRows), options);
}

/** The codec of the same structure with every field optional; a codec of anything else stays what it is. */
export function partial<T>(codec: Codec<T>): Codec<Partial<T>> {
  return codec instanceof DeclaredStructure ? codec.partial() : codec;
}

/** A field as the interpreter sees it. */
interface Row extends FieldRow {
  readonly codec: Codec<unknown> | undefined;
  readonly choose: ((sofar: never, version: Version) => Codec<unknown>) | undefined;
  readonly acceptAlways: boolean;
}

/** The rows that matter in one version. */
interface Plan {
  readonly read: readonly Row[];
  readonly write: readonly Row[];
  readonly byTag: ReadonlyMap<number, Row>;
}

type Values = Record<string, unknown>;

/** What an absent repeated field is read as. */
const none: readonly never[] = Object.freeze([]);

function toRows([name, field]: [string, Field<unknown, Presence>]): Row[] {
  return (field.forms ?? [field]).map((form) => toRow(name, form));
}

function toRow(name: string, field: Field<unknown, Presence>): Row {
  const { presence, tag, codec, choose, min, range } = field;
  const { since = 10, until = LATEST, acceptAlways = false } = range;
  const optional = min === 0;
  const repeated = presence === 'list';
  return { name, tag, tags: codec?.tags, since, until, optional, repeated, codec, choose, acceptAlways };
}

function toPlan(rows: readonly Row[], version: Version): Plan {
  const write = rows.filter((row) => version >= row.since && version <= row.until);
  const defined = new Set(write);
  const read = rows
    .filter((row) => defined.has(row) || row.acceptAlways)
    .map((row) => (defined.has(row) ? row : { ...row, optional: true }));
  return { read, write, byTag: new Map(read.flatMap((row) => (row.tags ?? [row.tag]).map((tag) => [tag, row]))) };
}

class DeclaredStructure<T extends object> implements StructureCodec<T> {
  readonly type = ItemType.Structure;
  readonly fields: readonly Row[];
  /** The plan of each version, by its number. */
  readonly #plans: Plan[] = [];
  readonly #options: StructureOptions;
  readonly #anyOrder: boolean;
  readonly #skipUnknown: boolean;

  constructor(rows: readonly Row[], options: StructureOptions) {
    this.fields = rows;
    this.#options = options;
    this.#anyOrder = options.anyOrder ?? false;
    this.#skipUnknown = options.unknown === 'skip';
    for (const version of versions) this.#plans[version] = toPlan(rows, version);
  }

  partial(): DeclaredStructure<Partial<T>> {
    const rows = this.fields.map((row) => ({ ...row, optional: true }));
    return new DeclaredStructure<Partial<T>>(rows, this.#options);
  }

  read(reader: Reader, version: Version): T {
    const plan = this.#plan(version);
    const values: Values = {};
    reader.enter();
    if (this.#anyOrder) this.#readAnyOrder(reader, version, plan, values);
    else this.#readInOrder(reader, version, plan, values);
    reader.leave();
    return values as T;
  }

  write(writer: Writer, tag: number, value: T, version: Version): void {
    const values = value as Values;
    const start = writer.begin(tag);
    for (const row of this.#plan(version).write) writeField(writer, row, values, version);
    writer.end(start);
  }

  #plan(version: Version): Plan {
    const plan = this.#plans[version];
    if (plan === undefined) throw new Error(`no version ${version}`);
    return plan;
  }

  #readInOrder(reader: Reader, version: Version, { read, byTag }: Plan, values: Values): void {
    let at = 0;
    let more = reader.next();
    while (more) {
      const found = indexOf(read, at, reader.tag);
      const row = read[found];
      if (row === undefined) {
        this.#unknown(reader, byTag);
        more = reader.next();
        continue;
      }
      for (; at < found; at += 1) leaveOut(reader, read[at], values);
      at += 1;
      if (row.repeated) more = readList(reader, row, version, values);
      else {
        values[row.name] = codecOf(row, values, version).read(reader, version);
        more = reader.next();
      }
    }
    for (; at < read.length; at += 1) leaveOut(reader, read[at], values);
  }

  #readAnyOrder(reader: Reader, version: Version, { read, byTag }: Plan, values: Values): void {
    while (reader.next()) {
      const row = byTag.get(reader.tag);
      if (row === undefined) {
        this.#unknown(reader, byTag);
        continue;
      }
      const before = values[row.name];
      if (before !== undefined && !row.repeated) reader.fail('unexpected-tag');
      const value = codecOf(row, values, version).read(reader, version);
      if (!row.repeated) values[row.name] = value;
      else if (before === undefined) values[row.name] = [value];
      else (before as unknown[]).push(value);
    }
    for (const row of read) if (values[row.name] === undefined) leaveOut(reader, row, values);
  }

  /** An item that has no place here: known to the structure or not. */
  #unknown(reader: Reader, byTag: ReadonlyMap<number, Row>): void {
    if (byTag.has(reader.tag)) reader.fail('unexpected-tag');
    if (!this.#skipUnknown) reader.fail('unknown-tag');
    reader.skip();
  }
}

/** The first row for `tag` from `start` on, or -1. */
function indexOf(rows: readonly Row[], start: number, tag: number): number {
  for (let at = start; at < rows.length; at += 1) {
    const row = rows[at];
    if (row?.tag === tag || row?.tags?.includes(tag)) return at;
  }
  return -1;
}

function codecOf(row: Row, values: Values, version: Version): Codec<unknown> {
  const codec = row.codec ?? row.choose?.(values as never, version);
  if (codec === undefined) throw new Error(`${row.name} has no codec`);
  return codec;
}

/** Reads consecutive items of one tag; true if another item follows them, to which the reader has then come. */
function readList(reader: Reader, row: Row, version: Version, values: Values): boolean {
  const codec = codecOf(row, values, version);
  const list: unknown[] = [];
  let more = true;
  while (more && reader.tag === row.tag) {
    list.push(codec.read(reader, version));
    more = reader.next();
  }
  values[row.name] = list;
  return more;
}

/** Treats a field as left out by the sender. */
function leaveOut(reader: Reader, row: Row | undefined, values: Values): void {
  if (row === undefined) return;
  if (!row.optional) reader.failMissing(row.tag);
  if (row.repeated) values[row.name] = none;
}

function writeField(writer: Writer, row: Row, values: Values, version: Version): void {
  const value = values[row.name];
  if (value === undefined) {
    if (!row.optional) refuse(row);
    return;
  }
  const codec = codecOf(row, values, version);
  if (!row.repeated) {
    codec.write(writer, row.tag, value, version);
    return;
  }
  const list = value as readonly unknown[];
  if (list.length === 0 && !row.optional) refuse(row);
  for (const element of list) codec.write(writer, row.tag, element, version);
}

function refuse(row: Row): never {
  throw new Error(`${row.name} (${tagName(row.tag)}) is required`);
}
