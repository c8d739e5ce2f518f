import type { Version } from './versions.ts';

/** A named value of an enumeration, or a named bit of a mask. */
export interface NamedValue {
  /** The normalised name, as XML and JSON write it: `SymmetricKey`. */
  readonly name: string;
  /** The name as the specification prints it: `Symmetric Key`. */
  readonly text: string;
  /** The first version that defines the value. */
  readonly since: Version;
  /** The last version that defines the value; undefined while the newest one does. */
  readonly until: Version | undefined;
  /** The first version that marks the value as deprecated. */
  readonly deprecated: Version | undefined;
}

/** An enumeration of the standard. `Code` is the union of its values. */
export interface EnumTable<Code extends number = number> {
  readonly name: string;
  readonly codes: Readonly<Record<string, Code>>;
  readonly byCode: ReadonlyMap<number, NamedValue>;
  /** Codes by normalised name, also by the other spellings that published messages use. */
  readonly byName: ReadonlyMap<string, Code>;
}

/** A bit mask of the standard: an `EnumTable` of its single bits, and which bits each version defines. */
export interface MaskTable<Bit extends number = number> extends EnumTable<Bit> {
  /** The union of the bits that each version defines. */
  readonly bits: ReadonlyMap<Version, number>;
}

/** A row of a generated table: name, text of the specification, since, and where there is one until and deprecated. */
export type ValueRow = readonly [
  name: string,
  text: string,
  since: Version,
  until?: Version | null,
  deprecated?: Version,
];

/** Whether `version` defines the value. */
export function isDefined(value: NamedValue, version: Version): boolean {
  return version >= value.since && (value.until === undefined || version <= value.until);
}

/** Makes the look-up tables of one enumeration from its codes by name and its rows; `aliases` are other spellings. */
export function enumTable<Code extends number>(
  name: string,
  codes: Readonly<Record<string, Code>>,
  rows: readonly ValueRow[],
  aliases: Readonly<Record<string, Code>> = {},
): EnumTable<Code> {
  const byCode = new Map<number, NamedValue>();
  for (const [valueName, text, since, until, deprecated] of rows) {
    const code = codes[valueName];
    if (code === undefined) throw new Error(`${name} has no code for ${valueName}`);
    byCode.set(code, { name: valueName, text, since, until: until ?? undefined, deprecated });
  }
  return { name, codes, byCode, byName: new Map([...Object.entries(codes), ...Object.entries(aliases)]) };
}

/** Makes the look-up tables of one mask, as `enumTable` does, for the given versions. */
export function maskTable<Bit extends number>(table: EnumTable<Bit>, versions: readonly Version[]): MaskTable<Bit> {
  const bits = new Map<Version, number>();
  for (const version of versions) {
    let union = 0;
    for (const [bit, value] of table.byCode) if (isDefined(value, version)) union |= bit;
    bits.set(version, union);
  }
  return { ...table, bits };
}

/** What the standard says of a tag; `Type` is the union of the item types' codes. */
export interface TagInfo<Type extends number = number> extends NamedValue {
  /** The item type; undefined where it depends on the version or on another field. */
  readonly type: Type | undefined;
}

/** A row of the generated tag table: name, text, item type, since, and where there is one until and deprecated. */
export type TagRow<Type extends number> = readonly [
  name: string,
  text: string,
  type: Type | undefined,
  since: Version,
  until?: Version | null,
  deprecated?: Version,
];

/** Makes the look-up table of the tags by number from their numbers by name and their rows. */
export function tagTable<Type extends number>(
  tags: Readonly<Record<string, number>>,
  rows: readonly TagRow<Type>[],
): ReadonlyMap<number, TagInfo<Type>> {
  const byTag = new Map<number, TagInfo<Type>>();
  for (const [name, text, type, since, until, deprecated] of rows) {
    const tag = tags[name];
    if (tag === undefined) throw new Error(`no number for the tag ${name}`);
    byTag.set(tag, { name, text, type, since, until: until ?? undefined, deprecated });
  }
  return byTag;
}
